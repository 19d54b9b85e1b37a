import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StoreClosedError, StoreLockedError, StoreOpenError, StoreWriteError } from '../core/index.js';
import { StoreCorruptError } from './errors.js';
import { commitOf, newDirectory, openStore, removeDirectories } from './file.spec-helpers.js';
import { FileStore } from './file.store.js';

afterAll(removeDirectories);

const committed = { type: 'committed', released: false };

/** A directory whose run `r1` has three events, and its file. */
async function threeEvents(): Promise<{ path: string; file: string; text: Buffer }> {
  const path = newDirectory();
  const store = await openStore(path);
  for (const sequence of [1, 2, 3]) await store.commit(commitOf('r1', sequence));
  await store.close();
  const file = join(path, 'live', 'r1.jsonl');
  return { path, file, text: readFileSync(file) };
}

describe('a file whose last line is torn', () => {
  it('loses that line and nothing else, wherever it was cut', async () => {
    const { path, file, text } = await threeEvents();
    const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
    for (let length = lastLine; length < text.length; length++) {
      writeFileSync(file, text.subarray(0, length));
      const store = await openStore(path);
      expect((await store.events.load('r1', 0, 10)).map(({ sequence }) => sequence)).toEqual([1, 2]);
      await store.close();
      expect(readFileSync(file)).toEqual(text.subarray(0, lastLine));
    }
    const store = await openStore(path);
    expect(await store.commit(commitOf('r1', 3))).toEqual(committed);
    await store.close();
    expect(readFileSync(file)).toEqual(text);
  }, 60_000);

  it('of which the disk has zeros only is cut as well', async () => {
    const { path, file, text } = await threeEvents();
    const zeros = Buffer.from(text);
    zeros.fill(0, text.length - 40, text.length - 1);
    writeFileSync(file, zeros);
    const store = await openStore(path);
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 2 });
    await store.close();
  });

  it('that was its first is no run', async () => {
    const { path, file, text } = await threeEvents();
    writeFileSync(file, text.subarray(0, 30));
    const store = await openStore(path);
    expect(await store.runs.get('r1')).toBeUndefined();
    expect(await store.commit(commitOf('r1', 1))).toEqual(committed);
    await store.close();
  });
});

describe('a file that is not as it was written', () => {
  it.each([
    ['a line that is no JSON', (lines: string[]) => lines.splice(1, 1, '{"row":'), /r1\.jsonl, line 2, is not what/],
    [
      'a line that is gone',
      (lines: string[]) => lines.splice(1, 1),
      /r1\.jsonl, line 2, follows events that are missing/,
    ],
    ['a first line that is gone', (lines: string[]) => lines.splice(0, 1), /r1\.jsonl, line 1, follows events/],
  ])('is named with its line: %s', async (_, spoil, message) => {
    const { path, file, text } = await threeEvents();
    const lines = text.toString().split('\n');
    spoil(lines);
    writeFileSync(file, lines.join('\n'));
    const opening = openStore(path);
    await expect(opening).rejects.toThrow(StoreCorruptError);
    await expect(opening).rejects.toThrow(message);
    writeFileSync(file, text);
    await (await openStore(path)).close();
  });

  it('is named if it is a copy', async () => {
    const { path, file } = await threeEvents();
    copyFileSync(file, join(path, 'live', 'copy.jsonl'));
    await expect(openStore(path)).rejects.toThrow('is of run "r1", whose file is r1.jsonl');
  });

  it('of a newer version is left alone', async () => {
    const { path } = await threeEvents();
    writeFileSync(join(path, 'store.json'), '{"format":2}');
    const opening = openStore(path);
    await expect(opening).rejects.toThrow(StoreOpenError);
    await expect(opening).rejects.toThrow('its format is 2');
  });
});

describe('runs that have ended', () => {
  async function ended(): Promise<string> {
    const path = newDirectory();
    const store = await openStore(path);
    for (const runId of ['r1', 'r2']) {
      await store.commit(commitOf(runId, 1));
      await store.commit(commitOf(runId, 2, 'completed'));
    }
    await store.close();
    return path;
  }

  it('are put away by the day of their creation, and are found again', async () => {
    const path = await ended();
    expect(readdirSync(join(path, 'live'))).toEqual([]);
    expect(readdirSync(join(path, 'ended', '1970-01-01')).sort()).toEqual(['r1.jsonl', 'r2.jsonl']);
    const store = await openStore(path);
    expect(await store.runs.get('r1')).toMatchObject({ status: 'completed', output: '"done"' });
    expect((await store.runs.list({ limit: 1 })).runs).toMatchObject([{ runId: 'r2', sequence: 2 }]);
    expect(await store.events.load('r1', 1, 10)).toHaveLength(1);
    expect(await store.commit(commitOf('r1', 1))).toMatchObject({ type: 'duplicate', runId: 'r1' });
    await store.close();
  });

  it('are put away at the next opening if the process died before', async () => {
    const path = await ended();
    copyFileSync(join(path, 'ended', '1970-01-01', 'r1.jsonl'), join(path, 'live', 'r1.jsonl'));
    rmSync(join(path, 'ended', '1970-01-01', 'r1.jsonl'));
    const store = await openStore(path);
    expect((await store.runs.list({ limit: 9 })).runs.map(({ runId }) => runId)).toEqual(['r2', 'r1']);
    await store.close();
    expect(readdirSync(join(path, 'live'))).toEqual([]);
    expect(readFileSync(join(path, 'ended.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('are found without the index, which is made again', async () => {
    const path = await ended();
    const index = readFileSync(join(path, 'ended.jsonl'), 'utf8');
    rmSync(join(path, 'ended.jsonl'));
    await (await openStore(path)).close();
    expect(readFileSync(join(path, 'ended.jsonl'), 'utf8').split('\n').sort()).toEqual(index.split('\n').sort());
  });

  it('are named if their file is gone', async () => {
    const path = await ended();
    rmSync(join(path, 'ended', '1970-01-01', 'r1.jsonl'));
    const store = await openStore(path);
    await expect(store.runs.get('r1')).rejects.toThrow(/r1\.jsonl is gone. .* delete ended\.jsonl/);
    await store.close();
  });
});

describe('a directory', () => {
  it('serves one store, and the next as soon as that is closed', async () => {
    const path = newDirectory();
    const store = await openStore(path);
    const second = openStore(join(path, '..', path.split('/').at(-1)!));
    await expect(second).rejects.toThrow(StoreLockedError);
    await expect(second).rejects.toThrow(`${path} is in use by another process`);
    await store.close();
    await (await openStore(path)).close();
  });

  it('has one winner if many ask at once', async () => {
    const path = newDirectory();
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => openStore(path)));
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(winners).toHaveLength(1);
    await winners[0]!.close();
  });

  it('is free if the lock in it was left by a process that is gone', async () => {
    const path = newDirectory();
    writeFileSync(join(path, 'lock-0123456789abcdef.held'), '');
    await (await openStore(path)).close();
    expect(readdirSync(path).filter((name) => name.startsWith('lock-'))).toEqual([]);
  });

  it('is not free if somebody listens who is busy', async () => {
    const path = newDirectory();
    const server = createServer().listen(join(path, 'lock-0123456789abcdef.held'));
    await expect(openStore(path)).rejects.toThrow(StoreLockedError);
    await new Promise((resolve) => server.close(resolve));
  });

  it('may have a path that is longer than those of sockets', async () => {
    const path = join(newDirectory(), 'x'.repeat(120), 'y'.repeat(120));
    await (await openStore(path)).close();
    expect(existsSync(join(path, 'live'))).toBe(true);
  });

  it('that is a file is refused with advice', async () => {
    const path = join(newDirectory(), 'file');
    writeFileSync(path, '');
    await expect(openStore(path)).rejects.toThrow(/cannot be opened: .* Check that the path is right/);
  });
});

describe('a write that fails', () => {
  it('says so, changes nothing, and works again later', async () => {
    const path = newDirectory();
    const store = await openStore(path);
    await store.commit(commitOf('r1', 1));
    // Stands where the file of the next run would be created, whoever the account is.
    mkdirSync(join(path, 'live', 'r2.jsonl'));
    const refused = store.commit(commitOf('r2', 1));
    await expect(refused).rejects.toThrow(StoreWriteError);
    await expect(refused).rejects.toThrow(/could not write .*r2\.jsonl: .* nothing that was there before is lost/);
    expect(await store.runs.get('r2')).toBeUndefined();
    expect(await store.commit(commitOf('r1', 2))).toEqual(committed);
    rmSync(join(path, 'live', 'r2.jsonl'), { recursive: true });
    expect(await store.commit(commitOf('r2', 1))).toEqual(committed);
    await store.close();
  });
});

it('does nothing before it is open and after it is closed', async () => {
  const store = new FileStore({ path: newDirectory() });
  await expect(store.runs.get('r1')).rejects.toThrow(StoreClosedError);
  await store.open();
  await store.close();
  await expect(store.commit(commitOf('r1', 1))).rejects.toThrow(StoreClosedError);
});

it.each([
  [{ path: '' }, 'path of the workflow store is empty'],
  [{ path: 'a\0b' }, 'path of the workflow store is empty or unusable'],
  [{ path: 'a', synchronous: 'OFF' as 'FULL' }, '"synchronous" is "OFF"'],
])('refuses the options %j', (options, message) => {
  expect(() => new FileStore(options)).toThrow(message);
});
