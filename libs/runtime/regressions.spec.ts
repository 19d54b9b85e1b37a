import { MemoryStore } from '../memory/index.js';
import { Code, deferred, settle, type TestProcess, World } from './runtime.spec-helpers.js';
import { createHook, parallel, race, sideEffect, sleep } from './index.js';

// Each of these was found by the simulation (npm run simulate), and is here in small.

/** A store of which single operations can be held up or made to fail. */
class TroubledStore extends MemoryStore {
  /** Called before an operation takes effect. */
  before: (operation: 'commit' | 'release' | 'inbox', argument: unknown) => unknown = () => undefined;
  /** Called between an operation's effect and its acknowledgement. */
  after: (operation: 'commit') => unknown = () => undefined;
  readonly calls: string[] = [];

  constructor() {
    super({ exclusive: false });
  }

  override async commit(commit: Parameters<MemoryStore['commit']>[0]) {
    this.calls.push('commit');
    await this.before('commit', commit);
    const result = await super.commit(commit);
    await this.after('commit');
    return result;
  }

  override async release(releases: Parameters<MemoryStore['release']>[0]) {
    this.calls.push('release');
    await this.before('release', releases);
    return super.release(releases);
  }

  override async inbox(runId: string) {
    this.calls.push('inbox');
    await this.before('inbox', runId);
    return super.inbox(runId);
  }
}

/** Longer than a waiting run stays in memory. */
const LONG = 6_000;
const NO_SWEEP = { recoveryIntervalMs: 1e9 };

async function started(process: TestProcess, runId = 'run'): Promise<string> {
  await process.startRun({ workflow: 'w', args: [], runId });
  await settle();
  return runId;
}

describe('a run whose last commit is stored and not yet acknowledged', () => {
  it('gives its result to one who does not wait', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const acknowledged = deferred<void>();
    const code = new Code();
    const step = code.step('s', () => 'done');
    const process = await world.boot(code.workflow('w', step));
    const runId = 'run';
    const isEnded = async (): Promise<boolean> => (await store.runs.get(runId))?.status === 'completed';
    store.after = async () => ((await isEnded()) ? acknowledged.promise : undefined);
    await started(process, runId);
    expect(await isEnded()).toBe(true);
    expect(await process.result(runId, 0)).toBe('done');
    acknowledged.resolve();
  });
});

describe('a run in local work', () => {
  it('is not given up for being idle', async () => {
    const world = new World();
    const work = deferred<string>();
    const process = await world.boot(new Code().workflow('w', () => sideEffect(() => work.promise)));
    const runId = await started(process);
    await world.advance(LONG);
    work.resolve('done');
    await settle();
    expect(await process.result(runId)).toBe('done');
  });

  it('is not given up because a hook is open that nobody reads', async () => {
    const world = new World();
    const io = deferred<void>();
    const process = await world.boot(
      new Code().workflow('w', async () => {
        createHook({ multiple: true });
        await io.promise;
        await sleep(1);
        return 'done';
      }),
    );
    const runId = await started(process);
    await world.advance(LONG);
    io.resolve();
    await world.advance(LONG);
    expect(await process.result(runId)).toBe('done');
  });
});

describe('a hook', () => {
  it('that accepts a payload after its time, and before its expiry is written, is delivered once and at once', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code().workflow('w', () => createHook({ token: 'approval', timeout: '1h' }));
    const process = await world.boot(code, { sessionIdleMs: 2 * 3_600_000 });
    const runId = await started(process);
    store.before = async (operation) => {
      if (operation !== 'commit') return;
      store.before = () => undefined;
      const receivedAt = world.clock.now() + 1;
      await store.deliverHook({ token: 'approval', payload: '"late"', deliveryId: 'd', receivedAt });
    };
    await world.advance(3_600_000);
    expect(await process.result(runId)).toBe('late');
    expect(store.calls.filter((call) => call === 'commit')).toHaveLength(3); // begun, refused, completed
  });

  it('of many payloads does not expire before what it has accepted is read', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code().workflow('w', async () => {
      const received: unknown[] = [];
      const hook = createHook({ token: 'messages', multiple: true, timeout: '1h' });
      try {
        for await (const message of hook) received.push(message);
      } catch {
        received.push('expired');
      }
      return received;
    });
    const process = await world.boot(code, { sessionIdleMs: 2 * 3_600_000 });
    const runId = await started(process);
    store.before = async (operation) => {
      if (operation !== 'commit') return;
      store.before = () => undefined;
      await store.deliverHook({ token: 'messages', payload: '"m"', deliveryId: 'd', receivedAt: world.clock.now() });
    };
    await world.advance(3_600_000);
    expect(await process.result(runId)).toEqual(['m', 'expired']);
  });

  it('whose expiry is being written is seen before a side effect that ends meanwhile', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const work = deferred<string>();
    const written = deferred<void>();
    const code = new Code().workflow('w', () => {
      const expired = createHook({ timeout: '1h' }).catch(() => 'expired');
      return race([expired, sideEffect(() => work.promise)]);
    });
    const process = await world.boot(code, { sessionIdleMs: 2 * 3_600_000 });
    const runId = await started(process);
    store.before = (operation) => (operation === 'commit' ? written.promise : undefined);
    await world.advance(3_600_000);
    work.resolve('work');
    await settle();
    written.resolve();
    await settle();
    expect(await process.result(runId)).toBe('expired');
  });
});

describe('an attempt', () => {
  it('that is a retry does not keep its run busy while it runs', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code();
    const result = deferred<string>();
    let attempts = 0;
    const step = code.step('step', () => (++attempts === 1 ? Promise.reject(new Error('no')) : result.promise), {
      retry: { backoff: '1s' },
    });
    const process = await world.boot(code.workflow('w', () => step()));
    const runId = await started(process);
    await world.advance(1_000);
    store.calls.length = 0;
    await world.advance(10_000);
    expect(store.calls.length).toBeLessThan(3);
    result.resolve('done');
    await settle();
    expect(await process.result(runId)).toBe('done');
  });

  it('whose message is lost is handed out again', async () => {
    const world = new World();
    const code = new Code();
    const step = code.step('step', () => 'done');
    const process = await world.boot(code.workflow('w', () => step()));
    const dispatch = jest
      .spyOn(process.ports.queue, 'dispatch')
      .mockResolvedValueOnce()
      .mockRejectedValueOnce(new Error('down'));
    const runId = await started(process);
    await world.advance(15_000);
    expect(await process.ports.store.runs.get(runId)).toMatchObject({ status: 'running' });
    await world.advance(30_000);
    expect(await process.result(runId)).toBe('done');
    expect(dispatch).toHaveBeenCalledTimes(3);
  });

  it('whose message comes again runs once', async () => {
    const world = new World();
    const code = new Code();
    let attempts = 0;
    const step = code.step('step', () => ++attempts);
    const process = await world.boot(code.workflow('w', async () => [await step(), await sleep(60)]));
    const dispatch = jest.spyOn(process.ports.queue, 'dispatch');
    await started(process);
    const [task] = dispatch.mock.calls[0]!;
    await process.activator.desk.handle(task);
    await settle();
    expect(attempts).toBe(1);
  });
});

describe('a run that is paused', () => {
  it('waits no longer for an attempt whose message is lost, and begins it again when it is resumed', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code();
    let isMended = false;
    const lost = code.step('lost', () => 'found');
    const asking = code.step('asking', () => (isMended ? 'mended' : Promise.reject(new Error('no'))), {
      onExhausted: 'pause',
      retry: { maxRetries: 0 },
    });
    code.workflow('w', () => Promise.all([lost(), asking(), race([sleep(30), createHook({ timeout: '40s' })])]));
    const process = await world.boot(code, { sessionIdleMs: 60_000 });
    jest.spyOn(process.ports.queue, 'dispatch').mockResolvedValueOnce();
    const runId = await started(process);
    expect(await store.runs.get(runId)).toMatchObject({ status: 'paused' });
    expect(await store.runs.get(runId)).not.toHaveProperty('owner');
    store.calls.length = 0;
    await world.advance(60_000);
    expect(store.calls).toEqual([]);
    isMended = true;
    await process.resume(runId);
    await world.advance(1_000);
    expect(await process.result(runId)).toEqual(['found', 'mended', undefined]);
  });

  it('leaves its process in peace while another attempt of it runs on', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code();
    const work = deferred<string>();
    const asking = code.step('asking', () => Promise.reject(new Error('no')), {
      onExhausted: 'pause',
      retry: { maxRetries: 0 },
    });
    const slow = code.step('slow', () => work.promise);
    code.workflow('w', () => Promise.all([slow(), sleep(30), asking()]));
    const process = await world.boot(code);
    const runId = await started(process);
    store.calls.length = 0;
    await world.advance(60_000);
    expect(store.calls).toEqual([]);
    work.resolve('done');
    await settle();
    expect(await store.runs.get(runId)).toMatchObject({ status: 'paused' });
    expect(await store.runs.get(runId)).not.toHaveProperty('owner');
    expect(await world.history(runId)).toContain('step.completed slow#1');
  });
});

describe('a stopping process', () => {
  it('stops although a start fails meanwhile', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const process = await world.boot(new Code().workflow('w', () => sleep(60)));
    const written = deferred<void>();
    store.before = () => written.promise;
    const start = process.startRun({ workflow: 'w', args: [] });
    await settle();
    const stop = process.stop();
    written.reject(new Error('down'));
    await expect(start).rejects.toThrow('down');
    await settle();
    await expect(stop).resolves.toBeUndefined();
  });

  it('cancels no run whose step does not finish in time, though the run cannot be handed over', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code();
    const step = code.step('step', () => new Promise(() => {}), { retry: { maxRetries: 0 } });
    const process = await world.boot(code.workflow('w', () => step()));
    const runId = await started(process);
    store.before = async (operation) => {
      if (operation === 'release') throw new Error('down');
    };
    const stop = process.stop();
    await world.advance(60_000);
    await stop;
    expect(await world.history(runId)).toEqual(['workflow.started', 'step.scheduled step#1']);
  });
});

describe('a run that is given up', () => {
  it('goes on with what came meanwhile, though the store fails', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const process = await world.boot(
      new Code().workflow('w', () => createHook({ token: 'approval' })),
      NO_SWEEP,
    );
    const runId = await started(process);
    const released = deferred<void>();
    store.before = (operation) => (operation === 'release' ? released.promise : undefined);
    await world.advance(LONG);
    await process.deliverHook('approval', 'yes');
    await settle();
    released.reject(new Error('down'));
    await settle();
    expect(await process.result(runId)).toBe('yes');
  });

  it('keeps its alarm, though leases are renewed before the store has answered', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code().workflow('w', async () => {
      await createHook({ token: 'approval' });
      await sleep(20);
      return 'done';
    });
    const process = await world.boot(code, NO_SWEEP);
    const runId = await started(process);
    const acknowledged = deferred<void>();
    store.after = () => acknowledged.promise;
    await process.deliverHook('approval', 'yes');
    await world.advance(5_000); // the run is given up, and a renewal finds it gone
    store.after = () => undefined;
    acknowledged.resolve();
    await world.advance(20_000);
    expect(await process.result(runId)).toBe('done');
  });

  it('is begun by the sweep, though it is being started once more just then', async () => {
    const store = new TroubledStore();
    const world = new World(store);
    const code = new Code().workflow('w', () => 'done');
    const client = await world.boot(code, { role: 'client' });
    const runId = await started(client);
    jest.spyOn(store, 'due').mockResolvedValueOnce([]);
    const process = await world.boot(code);
    const written = deferred<void>();
    store.before = (operation) => (operation === 'commit' ? written.promise : undefined);
    const again = process.startRun({ workflow: 'w', args: [], runId });
    await world.advance(6_000); // a sweep
    store.before = () => undefined;
    written.resolve();
    expect(await again).toEqual({ runId, isNew: false });
    await settle();
    expect(await process.result(runId)).toBe('done');
  });

  it('keeps its alarm, though it is started once more', async () => {
    const world = new World();
    const process = await world.boot(
      new Code().workflow('w', () => sleep(20)),
      NO_SWEEP,
    );
    const runId = await started(process);
    expect(await process.startRun({ workflow: 'w', args: [], runId })).toEqual({ runId, isNew: false });
    await world.advance(20_000);
    expect(await process.result(runId)).toBeUndefined();
  });
});

describe('a replay', () => {
  /** Two lanes, of which the first is the quicker one at first and the slower one on replay. */
  async function lanes(onReplay?: (world: World) => void): Promise<unknown> {
    const world = new World();
    const code = new Code();
    const step = code.step('step', (name: string) => `result of ${name}`);
    const delays = [10, 20, 500, 300];
    code.workflow('w', async () => {
      const results = await parallel(['a', 'b'], async (name) => {
        const ms = delays.shift()!;
        await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + ms, resolve));
        return step(name);
      });
      await sleep(60);
      return results;
    });
    const process = await world.boot(code);
    const runId = await started(process);
    await world.advance(1_000);
    expect(process.activator.sessions.size).toBe(0);
    await world.advance(59_300);
    onReplay?.(world);
    await world.advance(2_000);
    return process.result(runId);
  }

  const own = ['result of a', 'result of b'];

  it('gives each lane its own result, though their ordinary awaits are slow and come in another order', async () => {
    expect(await lanes()).toEqual(own);
  });

  it('that takes longer than a lease keeps it', async () => {
    const world = new World();
    const code = new Code().workflow('w', async () => {
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 1_000, resolve));
      await sleep(60);
      return createHook({ token: 'approval' });
    });
    const options = { leaseMs: 300, recoveryIntervalMs: 300, maxSessions: 0 };
    const holder = await world.boot(code, options);
    const runId = await started(holder);
    await world.advance(2_000);
    const other = await world.boot(code, options);
    await world.advance(70_000);
    expect(holder.counters.replays + other.counters.replays).toBe(1);
    await other.deliverHook('approval', 'yes');
    await world.advance(5_000);
    expect(await holder.result(runId)).toBe('yes');
    expect(await world.store.runs.get(runId)).toMatchObject({ fence: 3 });
  });

  it('does not lose patience when the clock jumps', async () => {
    const jump = ({ clock }: World): void => {
      const { now, schedule } = clock;
      clock.now = () => now.call(clock) + 600_000;
      clock.schedule = (at, callback) => schedule.call(clock, at - 600_000, callback);
    };
    expect(await lanes(jump)).toEqual(own);
  });
});
