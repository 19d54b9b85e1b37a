import { createHook, race, sideEffect } from './index.js';
import { Code, deferred, settle, started, World } from './runtime.spec-helpers.js';
import { TroubledStore } from './troubled-store.spec-helpers.js';

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
