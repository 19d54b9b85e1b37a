import { getCurrentContext, sleep, type StepContext } from './index.js';
import { cluster, LEASE, orchestrator, worker } from './cluster.spec-helpers.js';
import { Code, deferred, settle, started, type TestProcess } from './runtime.spec-helpers.js';

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
