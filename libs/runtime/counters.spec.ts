import { FatalError, RetryableError } from '../core/index.js';
import type { EngineObserver } from './index.js';
import { sleep, workloadOf } from './index.js';
import { Code, deferred, settle, type TestProcess, World } from './runtime.spec-helpers.js';

/** Writes down what it is told. */
function watch(process: TestProcess): { readonly told: string[]; stop(): void } {
  const told: string[] = [];
  const observer = new Proxy<EngineObserver>(
    {},
    {
      get:
        (_, name: string) =>
        (...facts: unknown[]) =>
          void told.push([name.slice(2), ...facts].join(' ')),
    },
  );
  return { told, stop: process.counters.observe(observer) };
}

function about(told: readonly string[], ...names: string[]): readonly string[] {
  return told.filter((line) => names.includes(line.split(' ')[0]!));
}

const RUNS = ['RunStart', 'RunEnd', 'RunHalt'];

it('tells an observer of runs, steps and their durations', async () => {
  const world = new World();
  const code = new Code();
  let tries = 0;
  const charge = code.step(
    'charge',
    async () => {
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 40, resolve));
      if (++tries === 1) throw new RetryableError('busy', { retryAfter: '1s' });
      return 'paid';
    },
    { retry: { maxRetries: 1 } },
  );
  code.workflow('order', async () => {
    await charge();
    await sleep('10s');
  });
  const process = await world.boot(code);
  const { told } = watch(process);
  await process.startRun({ workflow: 'order', args: [], runId: 'r' });
  await world.advance(60_000);

  expect(about(told, 'Attempt', 'AttemptEnd', 'Dispatch')).toEqual([
    'Dispatch charge',
    'Attempt charge',
    'AttemptEnd charge step.retrying 40',
    'Dispatch charge',
    'Attempt charge',
    'AttemptEnd charge step.completed 40',
  ]);
  expect(about(told, ...RUNS)).toEqual(['RunStart order', 'RunEnd order completed 11080']);
  expect(about(told, 'Commit')).toHaveLength(process.counters.commits);
  expect(about(told, 'Activation')).toEqual(Array(process.counters.activations).fill('Activation order'));
});

it('tells a failed attempt from one that was told to stop, or took too long', async () => {
  const world = new World();
  const code = new Code();
  const slow = code.step('slow', () => new Promise(() => {}));
  const late = code.step('late', () => new Promise(() => {}), { timeoutMs: 10, retry: { maxRetries: 0 } });
  code.workflow('w', async () => {
    await late().catch(() => {});
    return slow();
  });
  const process = await world.boot(code);
  const { told } = watch(process);
  await process.startRun({ workflow: 'w', args: [], runId: 'r' });
  await world.advance(20);
  await process.cancel('r');
  await settle();
  expect(about(told, 'AttemptEnd')).toEqual(['AttemptEnd late step.failed 10', 'AttemptEnd slow step.cancelled 10']);
});

it('tells of a run that halts once, and of one that was started twice once', async () => {
  const world = new World();
  const code = new Code();
  const charge = code.step('charge', () => Promise.reject(new FatalError('no')), { onExhausted: 'pause' });
  const fails = code.step('fails', () => Promise.reject(new Error('again')), {
    onExhausted: 'pause',
    retry: { maxRetries: 0 },
  });
  code.workflow('fatal', () => charge());
  code.workflow('exhausted', () => fails());
  const process = await world.boot(code);
  const { told } = watch(process);
  for (const workflow of ['fatal', 'exhausted', 'exhausted'])
    await process.startRun({ workflow, args: [], runId: workflow });
  await world.advance(1_000);
  expect(about(told, ...RUNS)).toEqual([
    'RunStart fatal',
    'RunEnd fatal failed 0',
    'RunStart exhausted',
    'RunHalt exhausted paused',
  ]);
});

it('tells of replays, of blocked runs, and of ordinary awaits', async () => {
  const world = new World();
  const step = (code: Code) => code.step('charge', () => 'paid');
  const before = new Code();
  const charge = step(before);
  before.workflow('order', async () => {
    await charge();
    await sleep('1h');
  });
  const first = await world.boot(before, { sessionIdleMs: 0 });
  await first.startRun({ workflow: 'order', args: [], runId: 'r' });
  await world.advance(1_000);
  await first.stop();

  const after = new Code();
  step(after);
  after.workflow('order', () => sleep('1h'));
  after.workflow('ordinary', async () => {
    await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 10, resolve));
    await sleep('1s');
  });
  const second = await world.boot(after);
  const { told } = watch(second);
  await second.startRun({ workflow: 'ordinary', args: [] });
  await world.advance(3_610_000);
  expect(about(told, 'Replay', 'RunHalt', 'OrdinaryAwait')).toEqual([
    'OrdinaryAwait ordinary',
    'Replay order',
    'Replay order', // once more, to say where the code went another way
    'RunHalt order blocked',
  ]);
});

it('tells nobody any more once the observer has ended it, and counts on', async () => {
  const world = new World();
  const process = await world.boot(new Code().workflow('order', () => 'done'));
  const { told, stop } = watch(process);
  stop();
  await process.startRun({ workflow: 'order', args: [] });
  await settle();
  expect(told).toEqual([]);
  expect(process.counters.commits).toBe(1);
});

it('says how much work there is', async () => {
  const world = new World();
  const code = new Code();
  const open = deferred<void>();
  const slow = code.step('slow', () => open.promise);
  code.workflow('order', () => Promise.all([slow(), slow(), slow()]));
  const process = await world.boot(code, { stepConcurrency: 2 });
  expect(workloadOf(process)).toEqual({ sessions: 0, runningSteps: 0, waitingSteps: 0 });
  await process.startRun({ workflow: 'order', args: [] });
  await settle();
  expect(workloadOf(process)).toEqual({ sessions: 1, runningSteps: 2, waitingSteps: 1 });
  open.resolve();
  await settle();
  expect(workloadOf(process)).toEqual({ sessions: 0, runningSteps: 0, waitingSteps: 0 });
});
