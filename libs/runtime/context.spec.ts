import { AsyncLocalStorage } from 'node:async_hooks';
import { findCurrentContext } from './index.js';
import { Code, World } from './runtime.spec-helpers.js';

it('runs workflows and steps outside of the request that starts or wakes them, as a replay would', async () => {
  const requests = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const look = (): void => void seen.push([findCurrentContext()?.kind, requests.getStore()]);
  const code = new Code();
  const charge = code.step('charge', async () => {
    look();
    await new Promise((resolve) => setImmediate(resolve));
    look();
  });
  code.workflow('order', async () => {
    look();
    await charge();
    look();
  });
  const process = await new World().boot(code);
  const { runId } = await requests.run('GET /orders', () => process.startRun({ workflow: 'order', args: [] }));
  await requests.run('GET /orders/1', () => process.result(runId));
  expect(seen).toEqual([
    ['workflow', undefined],
    ['step', undefined],
    ['step', undefined],
    ['workflow', undefined],
  ]);
});

it('commits what runs do at the same time outside of the requests that start them, and never in that of another', async () => {
  const world = new World();
  const code = new Code();
  code.workflow('quick', async (who: string) => who);
  const process = await world.boot(code);
  const requests = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const commit = world.store.commit.bind(world.store);
  jest.spyOn(world.store, 'commit').mockImplementation((one) => {
    seen.push(requests.getStore());
    return commit(one);
  });
  const start = (who: string): Promise<unknown> =>
    requests.run(who, () => process.startRun({ workflow: 'quick', args: [who] }));
  await Promise.all(['a', 'b', 'c'].map(start));
  expect(seen).toEqual([undefined, undefined, undefined]);
});
