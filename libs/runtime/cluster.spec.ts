import type { Notice } from '../core/index.js';
import { MemoryStore } from '../memory/index.js';
import { getCurrentContext, sleep, type StepContext } from './index.js';
import { Code, deferred, kill, settle, type TestProcess, World } from './runtime.spec-helpers.js';
import { type QueueEnd, SharedQueue } from './shared-queue.spec-helpers.js';

function cluster(store = new MemoryStore({ exclusive: false })) {
  const world = new World(store);
  const queue = new SharedQueue();
  world.sharedQueue = queue;
  return { world, queue, store };
}

const LEASE = 15_000;
const orchestrator = { role: 'orchestrator' } as const;
const worker = { role: 'step-worker' } as const;

async function started(process: TestProcess, runId = 'run'): Promise<string> {
  await process.startRun({ workflow: 'w', args: [], runId });
  await settle();
  return runId;
}

/** A process that stands still: it takes no messages, and nothing that it asks of the store gets there until it goes on. */
function freeze(process: TestProcess): () => void {
  const { store } = process.ports;
  const queue = process.ports.queue as QueueEnd;
  queue.isOpen = false;
  const thawed = deferred<void>();
  const frozen = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await thawed.promise;
        return (value as (...more: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  Object.assign(process.ports, { store: frozen });
  return () => {
    queue.isOpen = true;
    thawed.resolve();
  };
}

describe('an orchestrator and step workers', () => {
  it('run the steps of a run in the workers, and its local steps in the orchestrator', async () => {
    const { world, queue } = cluster();
    const places: string[] = [];
    const code = (place: string): Code => {
      const all = new Code();
      const far = all.step('far', (n: number) => (places.push(`far in ${place}`), n + 1));
      const near = all.step('near', (n: number) => (places.push(`near in ${place}`), n * 2), { local: true });
      return all.workflow('w', async () => near(await far(await far(1))));
    };
    const holder = await world.boot(code('orchestrator'), orchestrator);
    const runner = await world.boot(code('worker'), worker);
    const runId = await started(holder);
    expect(await holder.result(runId)).toBe(6);
    expect(places).toEqual(['far in worker', 'far in worker', 'near in orchestrator']);
    expect(queue.dispatched).toHaveLength(2);
    expect(holder.counters).toMatchObject({ activations: 4, replays: 0, commits: 4 });
    expect(runner.counters).toMatchObject({ attempts: 2, activations: 0, commits: 0 });
  });

  it('give a step what it may know of its run', async () => {
    const { world } = cluster();
    const code = new Code();
    const contexts: StepContext[] = [];
    const step = code.step('step', () => void contexts.push(getCurrentContext() as StepContext));
    code.workflow('w', () => step(), { tags: ['eu'] });
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    await holder.result(await started(holder));
    expect(contexts).toMatchObject([
      { runId: 'run', workflowName: 'w', tags: ['eu'], stepId: 'step#1', attempt: 1, idempotencyKey: 'run:step#1' },
    ]);
  });

  it('go on with what a client has started', async () => {
    const { world } = cluster();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', () => step());
    const client = await world.boot(code, { role: 'client' });
    await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(client);
    expect(await client.result(runId)).toBe('done');
  });

  it('activate a run once for all the outcomes that are there when it is woken', async () => {
    const { world } = cluster();
    const code = new Code();
    const step = code.step('step', (n: number) => n);
    code.workflow('w', async () => (await Promise.all(Array.from({ length: 200 }, (_, n) => step(n)))).length);
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const wakes = jest.spyOn(holder.activator, 'wake').mockImplementation(() => {});
    const runId = await started(holder);
    await settle();
    wakes.mockRestore();
    expect(await world.store.inbox(runId)).toHaveLength(200);
    holder.activator.wake(runId);
    await settle();
    expect(await holder.result(runId)).toBe(200);
    expect(holder.counters).toMatchObject({ activations: 2, commits: 2 });
  });

  it('run an attempt once, though its message comes three times', async () => {
    const { world, queue } = cluster();
    queue.copies = 3;
    const code = new Code();
    const work = deferred<void>();
    let attempts = 0;
    const step = code.step('step', async () => {
      attempts += 1;
      await work.promise;
    });
    code.workflow('w', () => step());
    const holder = await world.boot(code, orchestrator);
    const workers = [await world.boot(code, worker), await world.boot(code, worker)];
    const runId = await started(holder);
    work.resolve();
    await settle();
    await holder.result(runId);
    expect(attempts).toBe(1);
    expect(workers[0]!.counters.stale + workers[1]!.counters.stale).toBe(2);
  });
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

describe('an orchestrator that is gone', () => {
  it('leaves its runs to another, which waits for the steps that run', async () => {
    const { world } = cluster();
    const code = new Code();
    const work = deferred<string>();
    let attempts = 0;
    const step = code.step('step', () => (++attempts, work.promise));
    code.workflow('w', () => step());
    const first = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    await world.boot(code, worker);
    const runId = await started(first);
    kill(first);
    const second = await world.boot(code, orchestrator);
    await world.advance(3 * LEASE);
    expect(await world.store.runs.get(runId)).toMatchObject({ owner: 'process 4' });
    work.resolve('done');
    await settle();
    expect(await second.result(runId)).toBe('done');
    expect(attempts).toBe(1);
  });

  it('because it stops hands its runs over at once', async () => {
    const { world } = cluster();
    const code = new Code();
    const work = deferred<string>();
    const step = code.step('step', () => work.promise);
    code.workflow('w', () => step());
    const first = await world.boot(code, orchestrator);
    const second = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    for (let run = 0; run < 50; run++) await first.startRun({ workflow: 'w', args: [], runId: `run${run}` });
    await settle();
    await first.stop();
    await settle();
    expect(second.activator.sessions.size).toBe(50);
    work.resolve('done');
    await settle();
    expect(await Promise.all(Array.from({ length: 50 }, (_, run) => second.result(`run${run}`)))).toEqual(
      Array(50).fill('done'),
    );
  });
});

describe('an orchestrator that is frozen past its lease', () => {
  it('writes nothing when it wakes, though it has something to write', async () => {
    const { world, store } = cluster();
    const code = new Code();
    const late = deferred<string>();
    const rest = deferred<string>();
    let calls = 0;
    const near = code.step('near', () => (++calls === 1 ? late.promise : 'of the second'), { local: true });
    const far = code.step('far', () => rest.promise);
    code.workflow('w', async () => [await near(), await far()]);
    const frozen = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(frozen);
    const thaw = freeze(frozen);
    const second = await world.boot(code, orchestrator);
    await world.advance(2 * LEASE);
    const history = await world.history(runId);
    expect(history.slice(-2)).toEqual(['step.completed near#1', 'step.scheduled far#1']);

    const commit = jest.spyOn(store, 'commit');
    late.resolve('of the frozen one');
    await settle();
    thaw();
    await settle();
    expect(await Promise.all(commit.mock.results.map(({ value }) => value as unknown))).toEqual([{ type: 'fenced' }]);
    expect(await world.history(runId)).toEqual(history);
    expect(frozen.activator.sessions.size).toBe(0);
    rest.resolve('the rest');
    await settle();
    expect(await second.result(runId)).toEqual(['of the second', 'the rest']);
  });
});

describe('a rolling deploy, with old and new code side by side', () => {
  const oldCode = (code = new Code()): Code => {
    const [before, after] = [code.step('before', () => 'before'), code.step('after', () => 'after')];
    return code.workflow('w', async () => {
      const first = await before();
      await sleep('20s');
      return [first, await after()];
    });
  };
  const newCode = (): Code => {
    const code = oldCode();
    const fresh = code.step('fresh', () => 'fresh');
    code.workflow('w', async () => [await fresh(), await sleep('20s')], { version: 2 });
    return code.workflow('novel', () => fresh());
  };

  it('blocks no run and loses none', async () => {
    const { world, store } = cluster();
    const runs: string[] = [];
    const start = async (process: TestProcess, ...workflows: string[]): Promise<void> => {
      for (const workflow of workflows)
        for (let run = 0; run < 4; run++) runs.push((await process.startRun({ workflow, args: [] })).runId);
      await world.advance(5_000);
    };
    const [oldHolder, oldWorker] = [await world.boot(oldCode(), orchestrator), await world.boot(oldCode(), worker)];
    await start(oldHolder, 'w');
    const newHolder = await world.boot(newCode(), orchestrator);
    await start(newHolder, 'w', 'novel');
    await start(oldHolder, 'w');
    await world.boot(newCode(), worker);
    await start(newHolder, 'w', 'novel');
    await oldWorker.stop();
    await start(newHolder, 'w', 'novel');
    await oldHolder.stop();
    await world.advance(60_000);
    const { runs: ended } = await store.runs.list({ limit: 100 });
    expect(ended.map(({ status, version }) => `${status} ${version}`).sort()).toEqual([
      ...Array(8 + 12).fill('completed 1'),
      ...Array(12).fill('completed 2'),
    ]);
    expect(new Set(ended.map(({ runId }) => runId))).toEqual(new Set(runs));
    const histories = await Promise.all(runs.map((runId) => world.history(runId)));
    expect(histories.flat().filter((event) => /blocked|lost|failed/.test(event))).toEqual([]);
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
    await holder.cancel(runId);
    await settle();
    return { world, signal: signals[0]!, runner };
  }

  it('is told at once', async () => {
    const { signal } = await cancelled((publish, notice) => publish(notice));
    expect(signal.aborted).toBe(true);
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

describe('a queue that is away', () => {
  it('delays no step by more than the recovery interval once it is back, however long it was away', async () => {
    const { world, queue } = cluster();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', () => step());
    const client = await world.boot(code, { role: 'client' });
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const ends = [client, holder].map((process) => process.ports.queue);
    const failing = ends.flatMap((end) => [
      jest.spyOn(end, 'wake').mockRejectedValue(new Error('down')),
      jest.spyOn(end, 'dispatch').mockRejectedValue(new Error('down')),
    ]);
    const runId = await started(client);
    await world.advance(10 * 60_000);
    expect(await world.status(runId)).toBe('suspended');
    expect(queue.dispatched).toEqual([]);
    for (const end of failing) end.mockRestore();
    await world.advance(15_000);
    expect(await world.status(runId)).toBe('completed');
  });
});

describe('a step that a worker does not know', () => {
  const workflow = (code: Code): Code => {
    const step = code.step('step', () => 'done');
    return code.workflow('w', () => step());
  };

  it('is handed on until one knows it, as in a rolling deploy', async () => {
    const { world } = cluster();
    const holder = await world.boot(workflow(new Code()), orchestrator);
    await world.boot(new Code(), worker);
    const runId = await started(holder);
    await world.advance(4 * 60_000);
    expect(await world.status(runId)).toBe('suspended');
    await world.boot(workflow(new Code()), worker);
    await world.advance(LEASE);
    expect(await holder.result(runId)).toBe('done');
  });

  it('blocks its run when no live process has known it for five minutes, and a process that knows it wakes it', async () => {
    const { world } = cluster();
    const holder = await world.boot(workflow(new Code()), orchestrator);
    // An orchestrator has the code, and runs no steps.
    await world.boot(new Code(), worker);
    const runId = await started(holder);
    await world.advance(20 * 60_000);
    expect(await world.store.runs.get(runId)).toMatchObject({
      status: 'blocked',
      reason: expect.stringContaining('No process knows the step "step"'),
    });
    await world.boot(workflow(new Code()), worker);
    await world.advance(LEASE);
    expect(await holder.result(runId)).toBe('done');
  });
});
