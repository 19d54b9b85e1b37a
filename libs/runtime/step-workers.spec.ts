import type { Notice } from '../core/index.js';
import { getCurrentContext, sleep, type StepContext } from './index.js';
import { cluster, freeze, LEASE, orchestrator, worker } from './cluster.spec-helpers.js';
import { Code, deferred, kill, settle, started, type TestProcess } from './runtime.spec-helpers.js';

it('two calls run side by side although the ids of their runs and their names read the same in a row', async () => {
  const { world } = cluster();
  const code = new Code();
  const signals = new Map<string, AbortSignal>();
  const body = async (): Promise<void> => {
    const { runId, signal } = getCurrentContext() as StepContext;
    signals.set(runId, signal);
    await new Promise(() => {});
  };
  const [one, other] = [code.step('b c', body), code.step('c', body)];
  code.workflow('one', () => one()).workflow('other', () => other());
  const holder = await world.boot(code, orchestrator);
  await world.boot(code, worker);
  await holder.startRun({ workflow: 'one', args: [], runId: 'a' });
  await holder.startRun({ workflow: 'other', args: [], runId: 'a b' });
  await settle();
  expect([...signals.keys()]).toEqual(['a', 'a b']);
  await holder.cancel('a');
  await world.advance(LEASE);
  expect([...signals.values()].map(({ aborted }) => aborted)).toEqual([true, false]);
});

it('a step worker that stops has told the runs of its steps before it has stopped', async () => {
  const { world } = cluster();
  const code = new Code();
  code.workflow(
    'w',
    code.step('step', () => 'done'),
  );
  const holder = await world.boot(code, orchestrator);
  const process = await world.boot(code, worker);
  const told = deferred<void>();
  const wake = jest.spyOn(process.ports.queue, 'wake').mockReturnValueOnce(told.promise);
  await started(holder);
  expect(wake).toHaveBeenCalledTimes(1);
  let hasStopped = false;
  const stopped = process.stop().then(() => (hasStopped = true));
  await settle();
  expect(hasStopped).toBe(false);
  told.resolve();
  await stopped;
});

describe('a step worker that dies', () => {
  /** A step that the first attempts never come back from. */
  function stuck(attemptsThatHang: number, options: { recoverOnWorkerLoss?: boolean } = {}) {
    const code = new Code();
    const signals: AbortSignal[] = [];
    const step = code.step('step', async () => {
      const { attempt, signal } = getCurrentContext() as StepContext;
      signals.push(signal);
      if (attempt <= attemptsThatHang) await new Promise(() => {});
      return `attempt ${attempt}`;
    });
    code.workflow('w', () => step(), options);
    return { code, signals };
  }

  it('loses no step: a fresh one begins it again within two leases', async () => {
    const { world } = cluster();
    const { code } = stuck(1);
    const holder = await world.boot(code, orchestrator);
    const first = await world.boot(code, worker);
    const runId = await started(holder);
    kill(first);
    await world.boot(code, worker);
    await world.advance(2 * LEASE);
    expect(await holder.result(runId)).toBe('attempt 2');
    expect(await world.history(runId)).toContain('step.lost step#1');
  });

  it('is noticed when its heartbeat runs out, also while that is being looked at', async () => {
    const { world, store, queue } = cluster();
    const { code } = stuck(1);
    const holder = await world.boot(code, orchestrator);
    const first = await world.boot(code, worker);
    const { heartbeat, heartbeats } = store;
    jest.spyOn(store, 'heartbeat').mockImplementationOnce((beats) => {
      // It begins a little after it was handed out.
      return heartbeat.call(
        store,
        beats.map((beat) => ({ ...beat, until: beat.until + 10 })),
      );
    });
    jest.spyOn(store, 'heartbeats').mockImplementationOnce(async (...asked) => {
      const found = await heartbeats.apply(store, asked);
      const answeredAt = world.clock.now() + 20;
      world.clock.schedule(answeredAt, () => {});
      while (world.clock.now() < answeredAt) world.clock.runNext();
      return found;
    });
    const runId = await started(holder);
    kill(first);
    await world.boot(code, worker);
    await world.advance(LEASE + 1_000);
    expect(await holder.result(runId)).toBe('attempt 2');
    expect(queue.dispatched.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('is not mistaken for one that takes its time', async () => {
    const { world } = cluster();
    const code = new Code();
    const work = deferred<string>();
    const step = code.step('step', () => work.promise);
    code.workflow('w', () => step());
    const holder = await world.boot(code, orchestrator);
    const runner = await world.boot(code, worker);
    const runId = await started(holder);
    await world.advance(10 * 60_000);
    work.resolve('done');
    await settle();
    expect(await holder.result(runId)).toBe('done');
    expect(runner.counters.attempts).toBe(1);
  });

  it('each time pauses the run, and no other, until somebody resumes it', async () => {
    const { world, store } = cluster();
    const code = new Code();
    let kills = Infinity;
    let current: TestProcess | undefined;
    const step = code.step('step', async (who: string) => {
      if (who !== 'poison' || kills-- <= 0) return who;
      kill(current!);
      return new Promise<string>(() => {});
    });
    code.workflow('w', () => step('poison')).workflow('good', () => step('good'));
    const holder = await world.boot(code, orchestrator);
    await started(holder);
    for (let death = 1; death <= 5; death++) {
      current = await world.boot(code, worker);
      const { runId } = await holder.startRun({ workflow: 'good', args: [] });
      await world.advance(2 * LEASE);
      expect(await holder.result(runId)).toBe('good');
    }
    expect(await store.runs.get('run')).toMatchObject({
      status: 'paused',
      reason: expect.stringContaining('step step#1 has lost its process 4 times'),
    });
    kills = 0;
    await holder.resume('run');
    await world.advance(1_000);
    expect(await holder.result('run')).toBe('poison');
  });

  it('fails a run that asked not to be recovered', async () => {
    const { world } = cluster();
    const { code } = stuck(1, { recoverOnWorkerLoss: false });
    const holder = await world.boot(code, orchestrator);
    const first = await world.boot(code, worker);
    const runId = await started(holder);
    kill(first);
    await world.boot(code, worker);
    await world.advance(2 * LEASE);
    await expect(holder.result(runId)).rejects.toMatchObject({ cause: { code: 'WORKER_LOST' } });
  });

  it('and comes back late writes nothing: its outcome is refused and counted', async () => {
    const { world } = cluster();
    const code = new Code();
    const work = deferred<string>();
    const step = code.step('step', async () => {
      const { attempt } = getCurrentContext() as StepContext;
      return attempt === 1 ? work.promise : 'second';
    });
    const other = code.step('other', () => sleepless.promise);
    const sleepless = deferred<void>();
    code.workflow('w', async () => [await step(), await other()]);
    const holder = await world.boot(code, orchestrator);
    const frozen = await world.boot(code, worker);
    const runId = await started(holder);
    const thaw = freeze(frozen);
    await world.boot(code, worker);
    await world.advance(2 * LEASE);
    work.resolve('first');
    thaw();
    await world.advance(2 * LEASE);
    sleepless.resolve();
    await world.advance(LEASE);
    expect(await holder.result(runId)).toEqual(['second', undefined]);
    expect(frozen.counters.stale + holder.counters.stale).toBe(1);
  });
});

describe('a step worker that stops', () => {
  it('hands back at once what it cannot finish, and that counts as no failure and no loss', async () => {
    const { world, store } = cluster();
    const code = new Code();
    const signals: AbortSignal[] = [];
    const step = code.step(
      'step',
      async () => {
        const { attempt, signal } = getCurrentContext() as StepContext;
        signals.push(signal);
        return attempt === 1 ? new Promise<string>(() => {}) : 'done';
      },
      { retry: { maxRetries: 0 } },
    );
    code.workflow('w', () => step(), { maxRecoveryAttempts: 0 });
    const holder = await world.boot(code, orchestrator);
    const first = await world.boot(code, worker);
    const runId = await started(holder);
    await world.boot(code, worker);
    const stopping = first.stop();
    await world.advance(10_000); // the grace period
    await stopping;
    await settle();
    expect(signals[0]!.aborted).toBe(true);
    expect(await holder.result(runId)).toBe('done');
    expect((await store.processes(world.clock.now())).map(({ role }) => role)).toEqual(['orchestrator', 'step-worker']);
  });
});

describe('a cancelled step that runs in a worker', () => {
  async function cancelled(onNotice: (publish: (notice: Notice) => void, notice: Notice) => void) {
    const { world } = cluster();
    const code = new Code();
    const signals: AbortSignal[] = [];
    const step = code.step('step', () => {
      signals.push((getCurrentContext() as StepContext).signal);
      return new Promise<never>(() => {});
    });
    code.workflow('w', async () => {
      await step().catch(() => {});
      await sleep('1h');
    });
    const holder = await world.boot(code, orchestrator);
    const runner = await world.boot(code, worker);
    const runId = await started(holder);
    const { notifier } = world;
    const publish = notifier.publish.bind(notifier);
    jest.spyOn(notifier, 'publish').mockImplementation((notice) => onNotice(publish, notice));
    const beats = jest.spyOn(world.store, 'heartbeat');
    await holder.cancel(runId);
    await settle();
    return { world, signal: signals[0]!, runner, beats };
  }

  it('is told at once', async () => {
    const { signal } = await cancelled((publish, notice) => publish(notice));
    expect(signal.aborted).toBe(true);
  });

  it('sends a last heartbeat, so that nothing is left of it if it began while its run was ending', async () => {
    const { world, beats } = await cancelled((publish, notice) => publish(notice));
    await world.advance(LEASE);
    const ofTheWorker = beats.mock.calls.flatMap(([sent]) => sent.filter(({ worker: owner }) => owner === 'process 2'));
    expect(ofTheWorker).toEqual([expect.objectContaining({ id: 'step#1', attempt: 1 })]);
  });

  it('is told with its next heartbeat, if the notice is lost', async () => {
    const { world, signal, runner } = await cancelled(() => {});
    expect(signal.aborted).toBe(false);
    await world.advance(LEASE / 3);
    expect(signal.aborted).toBe(true);
    expect(runner.counters.stale).toBe(1);
  });
});

describe('the outcome of a step', () => {
  it('is written however long the store is away, and goes on although its wake is lost', async () => {
    const { world, store } = cluster();
    const code = new Code();
    let attempts = 0;
    const step = code.step('step', () => ++attempts);
    code.workflow('w', () => step());
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const append = jest.spyOn(store, 'append').mockRejectedValue(new Error('down'));
    const runId = await started(holder);
    await world.advance(60_000);
    append.mockRestore();
    jest.spyOn(world.sharedQueue!, 'wake').mockResolvedValue();
    await world.advance(60_000);
    expect(await holder.result(runId)).toBe(1);
    expect(attempts).toBe(1);
    expect(world.logs).toContainEqual(expect.stringContaining('step step#1 could not write its outcome'));
  });

  it('is dropped if it comes again after its run has taken it, as when the answer of the store was lost', async () => {
    const { world, store, queue } = cluster();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', async () => {
      await step();
      await sleep('5s'); // held meanwhile
      return step();
    });
    const append = jest.spyOn(store, 'append');
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(holder);
    expect(await store.inbox(runId)).toEqual([]);
    const [outcome] = append.mock.calls[0]!;
    expect(await store.append(outcome)).toMatchObject({ type: 'appended' });
    await queue.wake(runId, 'process 1');
    await settle();
    expect(await store.inbox(runId)).toEqual([]);
    expect(holder.counters.stale).toBe(1);
    await world.advance(5_000);
    expect(await holder.result(runId)).toBe('done');
    expect(await world.history(runId)).toEqual([
      'workflow.started',
      'step.scheduled step#1',
      'step.completed step#1',
      'sleep.started sleep#1',
      'sleep.completed sleep#1',
      'step.scheduled step#2',
      'step.completed step#2',
      'workflow.completed',
    ]);
  });

  it('reaches its run although the worker is gone and the wake was lost', async () => {
    const { world } = cluster();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', () => step());
    const holder = await world.boot(code, orchestrator);
    const wake = jest.spyOn(world.sharedQueue!, 'wake').mockResolvedValue();
    const runner = await world.boot(code, worker);
    const runId = await started(holder);
    kill(runner);
    wake.mockRestore();
    await world.advance(3 * LEASE);
    expect(await holder.result(runId)).toBe('done');
    expect(await world.history(runId)).not.toContain('step.lost step#1');
  });
});
