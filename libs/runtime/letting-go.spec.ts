import { createHook, sideEffect, sleep } from './index.js';
import { Code, deferred, settle, started, World } from './runtime.spec-helpers.js';
import { TroubledStore } from './troubled-store.spec-helpers.js';

/** Longer than a waiting run stays in memory. */
const LONG = 6_000;
const NO_SWEEP = { recoveryIntervalMs: 1e9 };

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
