import type { WorkflowStore } from '../../libs/core/index.js';
import type { WorkflowEngine } from '../../libs/runtime/index.js';
import { defineHook } from './hook-definition.js';
import { HookCatalog } from './hook-catalog.js';
import { HookDeliveries } from './hook-deliveries.js';

const deliverHook = jest.fn(async () => ({ runId: 'r1', isNew: true }));
const findByToken = jest.fn(async () => ({ runId: 'r1', id: 'hook#1' }));
const engine = { deliverHook } as unknown as WorkflowEngine;
const store = { hooks: { findByToken } } as unknown as WorkflowStore;
const deliveries = new HookDeliveries(engine, store, new HookCatalog());

beforeEach(() => jest.clearAllMocks());

it('a payload is delivered without a look at its hook in a process that defines none, unless that one is defined', async () => {
  await deliveries.deliver('token', 1, 'd');
  expect(findByToken).not.toHaveBeenCalled();
  expect(deliverHook).toHaveBeenCalledWith('token', 1, 'd', { unlessDefined: true });
});

it('the hook is looked at as soon as one is defined, also in a module that was loaded later', async () => {
  defineHook('approval');
  await deliveries.deliver('token', 1, 'd');
  expect(findByToken).toHaveBeenCalledTimes(1);
  expect(deliverHook).toHaveBeenCalledWith('token', 1, 'd');
});
