import { sleep } from './index.js';
import { Code, deferred, settle, started, World } from './runtime.spec-helpers.js';
import { TroubledStore } from './troubled-store.spec-helpers.js';

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
