import { describeStoreContract } from '../testing/index.js';
import { MemoryStore } from './memory.store.js';

describeStoreContract('MemoryStore', async () => {
  const store = new MemoryStore();
  await store.open();
  return { store, cleanup: () => store.close() };
});

it('is exclusive unless told otherwise', () => {
  expect(new MemoryStore().exclusive).toBe(true);
  expect(new MemoryStore({ exclusive: false }).exclusive).toBe(false);
});
