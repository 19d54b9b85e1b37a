import { chmod, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { InvalidInputError, StoreClosedError, StoreLockedError, StoreOpenError, WorkflowError } from '../core/index.js';
import { DriverMissingError } from './errors.js';
import { loadDriver } from './load-driver.js';
import { OtherProcess } from './other-process.spec-helpers.js';
import { TypeOrmStore } from './typeorm.store.js';

let directory: string;
const opened: TypeOrmStore[] = [];
const processes: OtherProcess[] = [];

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'pyworkflow-')));
});

afterEach(async () => {
  for (const other of processes.splice(0)) await other.kill();
  for (const store of opened.splice(0)) await store.close();
  await rm(directory, { recursive: true });
});

function storeAt(path: string): TypeOrmStore {
  const store = new TypeOrmStore({ type: 'sqlite', path });
  opened.push(store);
  return store;
}

function startProcess(script: string): OtherProcess {
  const other = OtherProcess.start(script);
  processes.push(other);
  return other;
}

describe('the database file', () => {
  it('is created with its directory', async () => {
    await storeAt(join(directory, 'a/b/workflow.sqlite')).open();
    expect(await readdir(join(directory, 'a/b'))).toContain('workflow.sqlite');
  });

  it('may be given by a relative path', async () => {
    await storeAt(relative(process.cwd(), join(directory, 'workflow.sqlite'))).open();
    expect(await readdir(directory)).toContain('workflow.sqlite');
  });

  it('is whole when the store is closed, so that it may be copied alone', async () => {
    const path = join(directory, 'workflow.sqlite');
    const store = storeAt(path);
    await store.open();
    expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0);
    await store.close();
    expect((await readdir(directory)).filter((name) => name.includes('journal'))).toEqual([]);
    const rest = await stat(`${path}-wal`).catch(() => ({ size: 0 }));
    expect(rest.size).toBe(0);
  });

  it.each([
    ['beside a file where a directory should be', 'file/workflow.sqlite'],
    ['that is a directory', 'directory'],
    ['that is no database', 'text.sqlite'],
  ])('%s is refused with its path and the reason', async (_, name) => {
    await writeFile(join(directory, 'file'), '');
    await writeFile(join(directory, 'text.sqlite'), 'This is not a database, but a text of some length.'.repeat(100));
    await storeAt(join(directory, 'directory/x.sqlite')).open();
    const path = join(directory, name);
    const opening = storeAt(path).open();
    await expect(opening).rejects.toThrow(StoreOpenError);
    await expect(opening).rejects.toThrow(path);
  });

  it('below a directory that cannot be created is refused as well', async () => {
    const path = '/proc/nowhere/deeper/workflow.sqlite'; // where Node's recursive mkdir never ends
    await expect(storeAt(path).open()).rejects.toThrow(path);
  });

  it('in a directory that may not be written is refused with what to check', async () => {
    const isRoot = process.getuid?.() === 0;
    // Nobody may create a file in /proc, not even root.
    const unwritable = isRoot ? '/proc' : directory;
    if (!isRoot) await chmod(directory, 0o500);
    await expect(storeAt(join(unwritable, 'workflow.sqlite')).open()).rejects.toThrow('may write the file');
    await chmod(directory, 0o700);
  });

  it('can be opened after an attempt has failed', async () => {
    const path = join(directory, 'later/workflow.sqlite');
    await writeFile(join(directory, 'later'), '');
    const store = storeAt(path);
    await expect(store.open()).rejects.toThrow(StoreOpenError);
    await rm(join(directory, 'later'));
    await store.open();
    expect(await store.runs.get('r1')).toBeUndefined();
  });
});

describe('a store', () => {
  it('may be opened twice, closed twice, and opened again', async () => {
    const store = storeAt(join(directory, 'workflow.sqlite'));
    await Promise.all([store.open(), store.open()]);
    await Promise.all([store.close(), store.close()]);
    await store.open();
    expect(await store.due(1, 1)).toEqual([]);
  });

  it('that is not open says so', async () => {
    const store = storeAt(join(directory, 'workflow.sqlite'));
    await expect(store.runs.get('r1')).rejects.toThrow(StoreClosedError);
    await store.open();
    await store.close();
    await expect(
      store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: 1 }),
    ).rejects.toThrow(StoreClosedError);
  });

  it.each<[string, object]>([
    ['no path', { type: 'sqlite', path: '' }],
    ['another type', { type: 'oracle', path: 'x' }],
    ['a mode that SQLite does not have', { type: 'sqlite', path: 'x', synchronous: 'OFF' }],
  ])('is not made from options with %s', (_, options) => {
    expect(() => Reflect.construct(TypeOrmStore, [options])).toThrow(InvalidInputError);
  });

  it('waits for the disk unless told otherwise', async () => {
    const full = storeAt(join(directory, 'full.sqlite'));
    const normal = new TypeOrmStore({ type: 'sqlite', path: join(directory, 'normal.sqlite'), synchronous: 'NORMAL' });
    opened.push(normal);
    const modes = [full, normal].map(async (store) => {
      await store.open();
      return [
        await store.dataSource.query('PRAGMA synchronous'),
        await store.dataSource.query('PRAGMA journal_mode'),
      ].flat();
    });
    expect(await Promise.all(modes)).toEqual([
      [{ synchronous: 2 }, { journal_mode: 'wal' }],
      [{ synchronous: 1 }, { journal_mode: 'wal' }],
    ]);
  });
});

describe('a missing driver', () => {
  it('is named, with the command that installs it', async () => {
    const missing = Object.assign(new Error("Cannot find package 'libsql'"), { code: 'ERR_MODULE_NOT_FOUND' });
    const loading = loadDriver('libsql', 'An SQLite workflow store', () => Promise.reject(missing));
    await expect(loading).rejects.toThrow(DriverMissingError);
    await expect(loading).rejects.toThrow('npm install libsql');
  });

  it('is not confused with one that is broken', async () => {
    const broken = new Error('wrong ELF class');
    await expect(loadDriver('libsql', 'A store', () => Promise.reject(broken))).rejects.toBe(broken);
  });
});

describe('the lock', () => {
  it('holds off a second store in this process', async () => {
    const path = join(directory, 'workflow.sqlite');
    await storeAt(path).open();
    const opening = storeAt(path).open();
    await expect(opening).rejects.toThrow(StoreLockedError);
    await expect(opening).rejects.toMatchObject({ code: 'STORE_LOCKED', path });
    await expect(opening).rejects.toBeInstanceOf(WorkflowError);
  });

  it('holds off a store that takes another way to the same file', async () => {
    await storeAt(join(directory, 'workflow.sqlite')).open();
    await symlink(directory, join(directory, 'link'));
    await symlink(join(directory, 'workflow.sqlite'), join(directory, 'alias.sqlite'));
    await expect(storeAt(join(directory, 'link/workflow.sqlite')).open()).rejects.toThrow(StoreLockedError);
    await expect(storeAt(join(directory, 'alias.sqlite')).open()).rejects.toThrow(StoreLockedError);
  });

  it('is free again when the store is closed', async () => {
    const path = join(directory, 'workflow.sqlite');
    const first = storeAt(path);
    await first.open();
    await first.close();
    await expect(storeAt(path).open()).resolves.toBeUndefined();
  });

  it('leaves others free to read the database', async () => {
    const path = join(directory, 'workflow.sqlite');
    await storeAt(path).open();
    const { openDatabase } = await import('./sqlite.spec-helpers.js');
    const reader = await openDatabase(path);
    expect(reader.prepare('SELECT COUNT(*) AS count FROM workflow_run').get([])).toMatchObject({ count: 0 });
    reader.close();
  });

  it('is not needed in memory', async () => {
    await Promise.all([storeAt(':memory:').open(), storeAt(':memory:').open()]);
  });
});

describe('another process', () => {
  it('is held off while the first lives, and may go on the moment it is killed, with all that was committed', async () => {
    const path = join(directory, 'workflow.sqlite');
    const holder = startProcess(committing(path));
    expect(await holder.line()).toBe('1');

    const message = await storeAt(path)
      .open()
      .catch((error: Error) => error.message);
    expect(message).toContain(`${path} is in use by another process`);
    const second = startProcess(committing(path));
    expect(await second.line()).toContain('STORE_LOCKED');

    const printed: number[] = [];
    while (printed.length < 50) printed.push(Number((await holder.line()) ?? NaN));
    await holder.kill();
    const store = storeAt(path);
    await store.open();
    const sequence = (await store.runs.get('r1'))?.sequence ?? 0;
    expect(sequence).toBeGreaterThanOrEqual(Math.max(...printed));
    const events = await store.events.load('r1', 0, sequence + 1);
    expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: sequence }, (_, at) => at + 1));
  });
});

/** A script that commits one event after another, and prints each sequence that was acknowledged. */
function committing(path: string): string {
  return `
    const store = new TypeOrmStore({ type: 'sqlite', path: ${JSON.stringify(path)} });
    try { await store.open(); } catch (error) { console.log(error.code + ' ' + error.message); process.exit(1); }
    const none = { consumes: [], opensHooks: [], expiresHooks: [], closesHooks: [] };
    const lease = { type: 'hold', owner: 'A', until: 1 };
    const run = { status: 'running', updatedAt: 1, recoveryAttempts: 0 };
    const create = { workflow: 'w', version: 1, tags: [], createdAt: 1 };
    for (let sequence = 1; ; sequence++) {
      const events = [{ sequence, type: 'step.cancelled', at: 1, id: 'a#1' }];
      const base = { runId: 'r1', fence: 1, baseSequence: sequence - 1, events, run, lease, ...none };
      const { type } = await store.commit(sequence === 1 ? { ...base, create } : base);
      if (type !== 'committed') throw new Error(type);
      console.log(sequence);
    }`;
}
