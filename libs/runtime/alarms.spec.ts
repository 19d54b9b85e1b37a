import { createHook, sleep } from './index.js';
import { cluster, orchestrator, worker } from './cluster.spec-helpers.js';
import { Code, deferred, settle, started, World } from './runtime.spec-helpers.js';

describe('a timer of a held run', () => {
  it('goes off without a look at an inbox in which nothing is expected', async () => {
    const world = new World();
    const process = await world.boot(new Code().workflow('w', () => sleep('2s').then(() => 'awake')));
    const runId = await started(process);
    const look = jest.spyOn(world.store, 'inbox');
    await world.advance(2_000);
    expect(await process.result(runId)).toBe('awake');
    expect(look).not.toHaveBeenCalled();
  });

  it('comes behind a payload that was delivered before, though nobody has told the run of that', async () => {
    const world = new World();
    const code = new Code().workflow('w', () =>
      Promise.race([createHook<string>({ token: 'answer-token' }), sleep('2s').then(() => 'too late')]),
    );
    const process = await world.boot(code);
    const runId = await started(process);
    await world.advance(1_000);
    const delivery = { token: 'answer-token', payload: '"in time"', deliveryId: 'd', receivedAt: world.clock.now() };
    await world.store.deliverHook(delivery);
    await world.advance(1_000);
    expect(await process.result(runId)).toBe('in time');
  });

  it('comes behind the outcome of a step in another process, though its wake was lost', async () => {
    const { world, queue } = cluster();
    const code = new Code();
    const result = deferred<string>();
    const step = code.step('step', () => result.promise);
    code.workflow('w', () => Promise.race([step(), sleep('2s').then(() => 'too late')]));
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(holder);
    await world.advance(1_000);
    jest.spyOn(queue, 'wake').mockResolvedValue();
    result.resolve('in time');
    await settle();
    await world.advance(1_000);
    expect(await holder.result(runId)).toBe('in time');
  });

  it('does not put off the look at the inbox that is due once in a recovery interval', async () => {
    const world = new World();
    const code = new Code().workflow('w', async () => {
      for (;;) await sleep('2s');
    });
    const process = await world.boot(code);
    const runId = await started(process);
    const look = jest.spyOn(world.store, 'inbox');
    await world.advance(30_000);
    expect(look).toHaveBeenCalledTimes(2);
    const wake = jest.spyOn(process.ports.queue, 'wake').mockResolvedValue();
    await process.cancel(runId);
    expect(wake).toHaveBeenCalled();
    await world.advance(15_000);
    expect(await world.status(runId)).toBe('cancelled');
  });
});
