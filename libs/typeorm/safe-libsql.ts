import type { SqliteDriver, SqliteStatement } from './sqlite/sqlite-database.js';

const BINDING_METHODS = ['run', 'all', 'get', 'iterate'] as const;

/**
 * Makes libsql safe to use, also as `driver` of a TypeORM DataSource of type `better-sqlite3`.
 *
 * libsql 0.5 aborts the process when a boolean is bound, or when a Buffer, a Date or an object is the only
 * parameter, reads text only up to a NUL, and answers `get` with a row of the query before if that was an `all` of the
 * same statement. TypeORM begins transactions as readers, which fail at their first write
 * if another process has written meanwhile.
 */
export function safeLibsql(Libsql: SqliteDriver): SqliteDriver {
  return class SafeLibsql extends Libsql {
    override prepare(sql: string): SqliteStatement {
      return bindSafely(super.prepare(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE TRANSACTION' : sql));
    }
  };
}

function bindSafely(statement: SqliteStatement): SqliteStatement {
  for (const method of BINDING_METHODS) {
    const bind: (parameters: readonly unknown[]) => never = Reflect.get(statement, method).bind(statement);
    // Always an array of parameters: a lone object would be taken for named ones.
    Reflect.set(statement, method, (...parameters: readonly unknown[]) => bind(bindable(parameters)));
  }
  return readAfresh(statement);
}

/** A statement that has given all its rows once goes on to: `get` alone is faster, but only good on one that has not. */
function readAfresh(statement: SqliteStatement): SqliteStatement {
  const { all, get } = statement;
  let hasGivenAll = false;
  return Object.assign(statement, {
    all: (...parameters: Parameters<typeof all>) => {
      hasGivenAll = true;
      return all(...parameters);
    },
    get: (...parameters: Parameters<typeof get>) => (hasGivenAll ? all(...parameters)[0] : get(...parameters)),
  });
}

function bindable(parameters: readonly unknown[]): readonly unknown[] {
  const [first] = parameters;
  return (parameters.length === 1 && Array.isArray(first) ? first : parameters).map(bindableValue);
}

function bindableValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.includes('\0')) return value;
      throw new TypeError('Text with a NUL character cannot be stored: SQLite would cut it off there.');
    case 'number':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'undefined':
      return null;
    default:
      if (value === null || ArrayBuffer.isView(value)) return value;
      if (value instanceof Date) return value.toISOString();
      throw new TypeError(`A value of type ${Object.prototype.toString.call(value)} cannot be stored in SQLite.`);
  }
}
