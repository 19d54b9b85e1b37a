import { createHook, race, sleep } from './index.js';
import { Code, deferred, settle, started, World } from './runtime.spec-helpers.js';
import { TroubledStore } from './troubled-store.spec-helpers.js';

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

  it('that a queue of somebody else throws at is handed out again from the last commit of its run', async () => {
    const world = new World();
    const code = new Code();
    let attempts = 0;
    const step = code.step('step', () => (++attempts === 1 ? Promise.reject(new Error('no')) : 'done'), {
      retry: { backoff: '1s' },
    });
    const process = await world.boot(code.workflow('w', () => step()));
    const runId = await started(process);
    jest.spyOn(process.ports.localQueue, 'dispatch').mockImplementationOnce(() => {
      throw new Error('no room');
    });
    await world.advance(1_000);
    expect(world.logs).toContainEqual(expect.stringMatching(/^error: .* could not be advanced/));
    await world.advance(1_000);
    expect(await process.result(runId)).toBe('done');
    expect(attempts).toBe(2);
  });

  it.each(['constructor', '__proto__'])(
    'runs in a queue that is called as what every object has: %s',
    async (queue) => {
      const code = new Code();
      const step = code.step('step', () => 'done', { queue });
      const process = await new World().boot(code.workflow('w', () => step()));
      expect(await process.result(await started(process))).toBe('done');
    },
  );

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
