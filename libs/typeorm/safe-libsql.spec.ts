import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { openDatabase, removeDatabase, SafeLibsql } from './sqlite.spec-helpers.js';
import type { SqliteDatabase } from './sqlite/sqlite-database.js';

let path: string;
let database: SqliteDatabase;

beforeEach(async () => {
  path = join(tmpdir(), `${randomUUID()}.sqlite`);
  database = await openDatabase(path);
});

afterEach(async () => {
  database.close();
  await removeDatabase(path);
});

/** Binds as TypeORM does: each parameter is an argument. */
function bound(...parameters: readonly unknown[]): unknown {
  const statement = database.prepare('SELECT ? AS value');
  const [row] = Reflect.apply(statement.all, statement, parameters) as { value: unknown }[];
  return row?.value;
}

describe('binding, where libsql alone ends the process or throws', () => {
  it.each<[string, unknown, unknown]>([
    ['true', true, 1],
    ['false', false, 0],
    ['null', null, null],
    ['undefined', undefined, null],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a number', 1.5, 1.5],
    ['a bigint', 7n, 7],
    ['text', 'ü🦄', 'ü🦄'],
  ])('takes %s', (_, value, expected) => {
    expect(bound(value)).toEqual(expected);
  });

  it('takes a lone Buffer', () => {
    expect(Buffer.from(bound(Buffer.from('abc')) as ArrayBuffer).toString()).toBe('abc');
  });

  it.each<[string, unknown]>([
    ['an object', { a: 1 }],
    ['a Map', new Map()],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an array in an array', [[1]]],
  ])('refuses %s with an error', (_, value) => {
    expect(() => bound(value)).toThrow(TypeError);
  });

  it('refuses text with a NUL, of which only the beginning would come back', () => {
    expect(() => bound('a\0b')).toThrow('NUL');
  });

  it('is safe in every method that binds', () => {
    database.exec('CREATE TABLE t (a)');
    const statement = database.prepare('INSERT INTO t VALUES (?)');
    expect(Reflect.apply(statement.run, statement, [true])).toMatchObject({ changes: 1 });
    expect(database.prepare('SELECT a FROM t WHERE a = ?').get([true])).toMatchObject({ a: 1 });
  });
});

describe('a statement that has given all its rows, after which libsql alone answers from the query before', () => {
  it.each([
    ['a', 'b'],
    ['a', 'missing'],
    ['missing', 'a'],
    ['a', 'a'],
  ])('gives the row that is asked for: all of %s, then %s', (first, second) => {
    database.exec("CREATE TABLE t (id text PRIMARY KEY); INSERT INTO t VALUES ('a'), ('b')");
    const statement = database.prepare('SELECT id FROM t WHERE id = ?');
    expect(statement.get([second])).toEqual(rowOf(second));
    statement.all([first]);
    expect(statement.get([second])).toEqual(rowOf(second));
    expect(statement.get([first])).toEqual(rowOf(first));
    expect(statement.all([second])).toHaveLength(second === 'missing' ? 0 : 1);
  });

  function rowOf(id: string): unknown {
    return id === 'missing' ? undefined : expect.objectContaining({ id });
  }
});

describe('a transaction that TypeORM begins', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE counter (value integer); INSERT INTO counter VALUES (0)');
    dataSource = new DataSource({ type: 'better-sqlite3', driver: SafeLibsql, database: path });
    await dataSource.initialize();
  });

  afterEach(() => dataSource.destroy());

  it('may write after it has read, though another process would write meanwhile', async () => {
    await dataSource.transaction(async (manager) => {
      const [{ value }] = await manager.query('SELECT value FROM counter');
      // With a deferred transaction this would go through, and the next statement would fail with SQLITE_BUSY_SNAPSHOT.
      expect(() => database.exec('UPDATE counter SET value = 10')).toThrow('locked');
      await manager.query('UPDATE counter SET value = ?', [value + 1]);
    });
    expect(database.prepare('SELECT value FROM counter').get([])).toMatchObject({ value: 1 });
  });
});
