import type { LedgerRow } from './support/ledger.js';
import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';
import { until } from './support/until.js';

const GRACE_MS = 1_000;

afterEach(endPrograms);
afterAll(Scene.removeAll);

describe('a second process on the same SQLite file', () => {
  it('gets an error that says what is wrong and what to do, and leaves the first alone', async () => {
    const scene = await Scene.create();
    const first = scene.start('two-processes');
    await first.line('open');

    const second = await scene.run('two-processes');

    expect((await second.exited).code).toBe(1);
    expect(second.output).toEqual([]);
    expect(second.stderr).toContain(`${scene.database} is in use by another process`);
    expect(second.stderr).toContain('PostgreSQL');
    expect(await first.line('result')).toBe('done');
  });

  it('opens it at once after the first was killed', async () => {
    const scene = await Scene.create();
    const first = scene.start('two-processes');
    await first.line('open');
    await first.kill();

    const second = scene.start('two-processes');

    expect(await second.line('result')).toBe('done');
    const [boot, begin] = scene.ledger.of(second.pid);
    expect(begin).toMatchObject({ event: 'begin', step: 'work' });
    expect(begin!.at - boot!.at).toBeLessThan(2_000);
  });
});

it('ends within its grace on SIGTERM, and the next process goes on at once', async () => {
  const scene = await Scene.create();
  const first = scene.start('shutdown');
  await first.line('running');
  await until(
    () => steps(scene.ledger.of(first.pid), 'begin').includes('stubborn'),
    () => first.describe('did not begin its steps'),
  );
  const stopAt = Date.now();
  const exit = await first.kill('SIGTERM');
  const tookMs = Date.now() - stopAt;

  // Nest sends itself the signal again when it has closed the application.
  expect(exit).toEqual({ code: null, signal: 'SIGTERM' });
  expect(tookMs).toBeLessThan(GRACE_MS + 2_000);
  const before = scene.ledger.of(first.pid);
  expect(steps(before, 'end')).toContain('short');
  expect(before.filter(({ event }) => event === 'aborted')).toHaveLength(1);
  for (const runId of ['short', 'long', 'stubborn', 'sleeping', 'asking']) {
    const { run } = await scene.look(runId);
    expect(run!.owner).toBeUndefined();
    expect(run!.recoveryAttempts).toBe(0);
  }

  const second = scene.start('shutdown', { FAST: '1' });
  expect(JSON.parse(await second.line('results'))).toEqual([
    ['short', 'after'],
    ['long', 'after'],
    'stubborn',
    'after',
    'answered',
  ]);
  const after = scene.ledger.of(second.pid);
  expect(steps(after, 'begin').filter((step) => step === 'short')).toEqual([]);
  const again = after.find(({ step }) => step === 'long');
  expect(again!.at - after[0]!.at).toBeLessThan(2_000);
}, 40_000);

function steps(rows: readonly LedgerRow[], event: string): readonly string[] {
  return rows.flatMap((row) => (row.event === event && row.step !== undefined ? [row.step] : []));
}
