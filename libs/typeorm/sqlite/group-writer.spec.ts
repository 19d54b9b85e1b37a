import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreBusyError } from '../errors.js';
import { openDatabase, removeDatabase } from '../sqlite.spec-helpers.js';
import { ConnectionGate } from './connection-gate.js';
import { GroupWriter } from './group-writer.js';
import type { SqliteDatabase } from './sqlite-database.js';

let path: string;
let database: SqliteDatabase;
let gate: ConnectionGate;
let writer: GroupWriter;

beforeEach(async () => {
  path = join(tmpdir(), `${randomUUID()}.sqlite`);
  database = await openDatabase(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE note (id integer PRIMARY KEY, text text)');
  gate = new ConnectionGate(database, { subscribers: [] });
  writer = new GroupWriter(database, gate, path);
});

afterEach(async () => {
  database.close();
  await removeDatabase(path);
});

const insert = (id: number) => () => database.prepare('INSERT INTO note (id) VALUES (?)').run([id]).changes;
const ids = (): unknown[] =>
  database
    .prepare('SELECT id FROM note ORDER BY id')
    .all([])
    .map((row) => Reflect.get(Object(row), 'id'));

describe('the changes of one turn', () => {
  it('are written by one transaction', async () => {
    const results = await Promise.all(Array.from({ length: 100 }, (_, id) => writer.write(insert(id))));
    expect(results).toEqual(Array(100).fill(1));
    expect(ids()).toHaveLength(100);
    expect(writer.transactions).toBe(1);
  });

  it('are written together though they are handed in some microtasks apart', async () => {
    const later = async (id: number): Promise<unknown> => {
      for (let tick = 0; tick < id; tick++) await undefined;
      return writer.write(insert(id));
    };
    await Promise.all(Array.from({ length: 50 }, (_, id) => later(id)));
    expect(writer.transactions).toBe(1);
  });

  it('are divided if they are very many, so that the event loop is not held up', async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, id) => writer.write(insert(id))));
    expect(writer.transactions).toBe(4);
  });

  it('are written before the next turn is over', async () => {
    let isWritten = false;
    void writer.write(insert(1)).then(() => (isWritten = true));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(true);
  });
});

describe('a change that fails', () => {
  it('fails alone and whole', async () => {
    const bad = (): void => {
      insert(100)();
      throw new Error('bad');
    };
    const results = await Promise.allSettled([writer.write(insert(1)), writer.write(bad), writer.write(insert(2))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'bad' } });
    expect(ids()).toEqual([1, 2]);
    expect(database.inTransaction).toBe(false);
  });

  it('because the database refuses it fails alone too', async () => {
    await writer.write(insert(1));
    const results = await Promise.allSettled([writer.write(insert(1)), writer.write(insert(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(results[0]).toMatchObject({ reason: { message: expect.stringContaining('UNIQUE') } });
    expect(ids()).toEqual([1, 2]);
  });

  it('takes nothing with it that was handed in after it', async () => {
    const bad = (): never => {
      insert(1)();
      throw new Error('bad');
    };
    await expect(writer.write(bad)).rejects.toThrow('bad');
    await expect(writer.write(insert(1))).resolves.toBe(1);
  });
});

describe('a full disk', () => {
  const big = 'x'.repeat(100_000);
  const fill = () => database.prepare('INSERT INTO note (text) VALUES (?)').run([big]);

  it('fails what does not fit, and leaves the store usable', async () => {
    database.exec('PRAGMA max_page_count = 40');
    const results = await Promise.allSettled([writer.write(fill), writer.write(fill)]);
    expect(results.map(({ status }) => status)).toContain('rejected');
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'STORE_WRITE_FAILED', path },
    });
    expect(database.inTransaction).toBe(false);
    await expect(writer.write(insert(1_000))).resolves.toBe(1);
    database.exec('PRAGMA max_page_count = 4000');
    await expect(writer.write(fill)).resolves.toMatchObject({ changes: 1 });
  });
});

describe("another connection's transaction", () => {
  it('is waited for without holding up the event loop', async () => {
    const other = await openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    const writing = writer.write(insert(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ids()).toEqual([]);
    other.exec('ROLLBACK');
    await expect(writing).resolves.toBe(1);
    other.close();
  });

  it('is not waited for for ever', async () => {
    const other = await openDatabase(path);
    other.exec('BEGIN IMMEDIATE');
    writer = new GroupWriter(database, new ConnectionGate(database, { subscribers: [] }, 50), path);
    await expect(writer.write(insert(1))).rejects.toThrow(StoreBusyError);
    other.exec('ROLLBACK');
    await expect(writer.write(insert(2))).resolves.toBe(1);
    expect(ids()).toEqual([2]);
    other.close();
  });
});

describe('idle', () => {
  it('comes when all that was handed in is written', async () => {
    const writes = Array.from({ length: 600 }, (_, id) => writer.write(insert(id)));
    await writer.idle();
    expect(ids()).toHaveLength(600);
    await Promise.all(writes);
  });

  it('comes at once if nothing was', async () => {
    await expect(writer.idle()).resolves.toBeUndefined();
  });
});
