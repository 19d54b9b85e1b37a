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
  /** How to make a connection that the pool does not have, and with which options it makes its own. */
  readonly Client: new (options: object) => PgConnection;
  readonly options: object;
  connect(callback: (error: unknown, client: PgClient | undefined) => void): void;
}

/** A connection outside of the pool. One query at a time. */
export interface PgConnection extends PgQueryable {
  connect(): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  /** Not of the native driver. */
  readonly connection?: { readonly stream?: { destroy(): unknown } };
}

/** The part of `pg` that turns columns into values. */
export interface PgTypes {
  getTypeParser(oid: number, format?: string): (text: never) => unknown;
}
