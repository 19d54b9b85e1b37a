import type { SqlValue } from '../backend.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';

/** A connection's prepared statements, by their text. Synchronous, as SQLite is. */
export class Statements {
  private readonly prepared = new Map<string, SqliteStatement>();

  constructor(private readonly database: SqliteDatabase) {}

  /** @returns how many rows it changed. */
  run(sql: string, parameters: readonly SqlValue[] = []): number {
    return this.prepare(sql).run(parameters).changes;
  }

  /** The first row. A row is trusted to be what its statement selects. */
  get<Row>(sql: string, parameters: readonly SqlValue[] = []): Row | undefined {
    return this.prepare(sql).get(parameters) as Row | undefined;
  }

  all<Row>(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.prepare(sql).all(parameters) as Row[];
  }

  /** Forgets the statements, which keep a libsql connection alive after it was closed. */
  clear(): void {
    this.prepared.clear();
  }

  private prepare(sql: string): SqliteStatement {
    let statement = this.prepared.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}
