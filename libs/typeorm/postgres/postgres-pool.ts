/** What this adapter uses of `pg`, so that its types are not needed to compile against ours. */
export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly types?: { getTypeParser(oid: number, format?: string): (text: never) => unknown };
}

export interface PgQueryable {
  query(query: PgQuery): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PgClient extends PgQueryable {
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
  /** With `true` the connection is closed instead of reused. */
  release(destroy?: boolean): void;
}

export interface PgPool extends PgQueryable {
  connect(callback: (error: unknown, client: PgClient | undefined) => void): void;
}

/** The part of `pg` that turns columns into values. */
export interface PgTypes {
  getTypeParser(oid: number, format?: string): (text: never) => unknown;
}
