import { StoreError } from '../core/index.js';
import { MemoryStore } from '../memory/index.js';
import { Code, settle, World } from './runtime.spec-helpers.js';
import { sleep } from './index.js';

class StoreDownError extends StoreError {
  readonly code = 'STORE_UNAVAILABLE';
}

const LEASE = 15_000;

describe.each(['commit', 'claim', 'inbox'] as const)('a store whose %s fails for longer than a lease', (operation) => {
  it('blocks no run: each goes on from its last commit when the store is back', async () => {
    const store = new MemoryStore({ exclusive: false });
    const world = new World(store);
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', async () => {
      await sleep('10s');
      return step();
    });
    const process = await world.boot(code);
    await process.startRun({ workflow: 'w', args: [], runId: 'run' });
    await world.advance(6_000); // it is let go of, and has to be claimed again
    const failing = jest.spyOn(store, operation).mockRejectedValue(new StoreDownError('The store is away.'));
    await world.advance(4 * LEASE);
    expect(await world.status('run')).not.toBe('blocked');
    failing.mockRestore();
    await world.advance(3 * LEASE);
    await settle();
    expect(await world.status('run')).toBe('completed');
    expect(await world.history('run')).not.toContain('workflow.blocked');
  });
});

it('a history that cannot be read while the store is away blocks no run', async () => {
  const store = new MemoryStore({ exclusive: false });
  const world = new World(store);
  const code = new Code();
  code.workflow('w', () => sleep('1m'));
  const process = await world.boot(code);
  await process.startRun({ workflow: 'w', args: [], runId: 'run' });
  await world.advance(30_000);
  const failing = jest.spyOn(store.events, 'load').mockRejectedValueOnce(new StoreDownError('The store is away.'));
  await world.advance(2 * 60_000);
  expect(failing).toHaveBeenCalled();
  expect(await world.history('run')).toEqual([
    'workflow.started',
    'sleep.started sleep#1',
    'sleep.completed sleep#1',
    'workflow.completed',
  ]);
});

it('nothing is kept of a run that could not be advanced once it has ended', async () => {
  const store = new MemoryStore({ exclusive: false });
  const world = new World(store);
  const code = new Code().workflow('w', () => sleep('1s'));
  const process = await world.boot(code);
  await process.startRun({ workflow: 'w', args: [], runId: 'run' });
  jest.spyOn(store, 'commit').mockRejectedValueOnce(new StoreDownError('The store is away.'));
  await world.advance(LEASE);
  expect(await world.status('run')).toBe('completed');
  expect(process.activator.failures.size).toBe(0);
});
