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
