import type { PgClient, PgPool, PgQueryable, PgTypes } from './postgres-pool.js';
import type { PreparedStatements } from './prepared-statements.js';

const INT8 = 20;

/**
 * A process that falls silent in the middle of a transaction, frozen or cut off, holds the locks of its runs: after that
 * time the server ends the transaction, so that others can take them over. One that wakes finds itself fenced.
 */
const SILENCE_MS = 2_000;

const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${SILENCE_MS}`;

const ignore = (): void => {};

/** Runs statements: one by itself, or several that share a transaction. Counts them. */
export class PostgresDatabase {
  statements = 0;
  private underWay = 0;
  private onIdle: (() => void)[] = [];
  private readonly types: PgTypes;

  constructor(
    private readonly pool: PgPool,
    private readonly prepared: PreparedStatements,
    types: PgTypes,
  ) {
    // Ours stay below 2^53. Else they would come as text.
    this.types = { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) };
  }

  /** A row is trusted to be what its statement selects. */
  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.during(this.queryOn<Row>(this.pool, sql, values));
  }

  /** Committed when `work` resolves, rolled back when it rejects. */
  transaction<Result>(work: (query: PostgresDatabase['query']) => Promise<Result>): Promise<Result> {
    return this.during(this.inTransaction(work));
  }

  private async inTransaction<Result>(work: (query: PostgresDatabase['query']) => Promise<Result>): Promise<Result> {
    const client = await this.connect();
    let isUsable = false;
    try {
      this.statements++;
      await client.query({ text: BEGIN }); // two statements in one message cannot be prepared
      const result = await work((sql, values = []) => this.queryOn(client, sql, values));
      await this.queryOn(client, 'COMMIT');
      isUsable = true;
      return result;
    } catch (error) {
      isUsable = await this.rollBack(client);
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(!isUsable);
    }
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.onIdle.push(resolve));
  }

  /**
   * A connection that ends between two statements tells so by an event, which nobody but its holder listens to. The pool
   * may hand it out while more of the same packet waits to be read: after a promise, listening would begin too late.
   */
  private connect(): Promise<PgClient> {
    return new Promise((resolve, reject) => {
      this.pool.connect((error, client) => {
        if (!client) return reject(error as Error);
        client.on('error', ignore);
        resolve(client);
      });
    });
  }

  private async rollBack(client: PgClient): Promise<boolean> {
    try {
      await this.queryOn(client, 'ROLLBACK');
      return true;
    } catch {
      return false;
    }
  }

  private queryOn<Row>(target: PgQueryable, sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    this.statements++;
    const { text, name } = this.prepared.of(sql);
    return target.query({ text, name, values, types: this.types }).then(({ rows }) => rows as readonly Row[]);
  }

  private during<Result>(work: Promise<Result>): Promise<Result> {
    this.underWay++;
    const end = (): void => {
      if (--this.underWay === 0) for (const resolve of this.onIdle.splice(0)) resolve();
    };
    work.then(end, end);
    return work;
  }
}
