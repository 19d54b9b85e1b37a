import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from '../../libs/file/index.js';
import { endPrograms, Program } from './support/program.js';
import { until } from './support/until.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pyworkflow-file-'));
});

afterEach(async () => {
  await endPrograms();
  await rm(directory, { recursive: true, force: true });
});

const startWriter = (): Program => Program.start('file-writer', { DATABASE: join(directory, 'runs') });

/** How far each run is said to be. */
function promisesOf({ output }: Program): ReadonlyMap<string, number> {
  return new Map(output.map((line) => line.split(' ')).map(([, runId, sequence]) => [runId!, Number(sequence)]));
}

it('keeps what was promised by processes that get SIGKILL, and no half of anything', async () => {
  const promises = new Map<string, number>();
  for (const count of [1, 40, 333, 1_000]) {
    const writer = startWriter();
    await until(
      () => writer.output.length >= count,
      () => writer.describe(`made no ${count} commits`),
    );
    expect(await writer.kill()).toMatchObject({ signal: 'SIGKILL' });
    for (const [runId, sequence] of promisesOf(writer)) promises.set(runId, sequence);
  }
  const store = new FileStore({ path: join(directory, 'runs') });
  await store.open();
  for (const [runId, promised] of promises) {
    const events = await store.events.load(runId, 0, 100);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThanOrEqual(promised);
    expect(await store.runs.get(runId)).toMatchObject({
      sequence: events.length,
      status: events.length === 6 ? 'completed' : 'running',
    });
  }
  const { runs } = await store.runs.list({ limit: 100_000 });
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(runs.length);
  await store.close();
}, 60_000);

it('is refused to a second process, also while the first one is stopped', async () => {
  const first = startWriter();
  await first.line('promised');
  process.kill(first.pid, 'SIGSTOP');
  const second = startWriter();
  expect(await second.line('refused')).toMatch(/runs is in use by another process/);
  process.kill(first.pid, 'SIGCONT');
  await first.kill();
  const third = startWriter();
  await third.line('promised');
  await third.kill();
}, 60_000);
