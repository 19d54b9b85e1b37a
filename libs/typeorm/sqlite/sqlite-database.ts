/** What better-sqlite3 and libsql have in common, as far as the store needs it. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

export interface SqliteStatement {
  run(parameters: readonly unknown[]): { readonly changes: number };
  get(parameters: readonly unknown[]): unknown;
  all(parameters: readonly unknown[]): unknown[];
}

export type SqliteDriver = new (path: string, options?: SqliteDriverOptions) => SqliteDatabase;

interface SqliteDriverOptions {
  /** How long a statement waits for another process' lock, in milliseconds. */
  readonly timeout?: number;
}
