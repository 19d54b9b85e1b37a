import { cluster, freeze, LEASE, orchestrator, worker } from './cluster.spec-helpers.js';
import { Code, deferred, kill, settle, started } from './runtime.spec-helpers.js';

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
