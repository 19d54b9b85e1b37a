import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreContract } from '../testing/index.js';
import { TypeOrmStore } from './typeorm.store.js';

describeStoreContract('TypeOrmStore on an SQLite file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pyworkflow-'));
  let store: TypeOrmStore;
  const open = async (): Promise<TypeOrmStore> => {
    store = new TypeOrmStore({ type: 'sqlite', path: join(directory, 'workflow.sqlite'), synchronous: 'NORMAL' });
    await store.open();
    return store;
  };
  return {
    store: await open(),
    reopen: async () => {
      await store.close();
      return open();
    },
    cleanup: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

describeStoreContract('TypeOrmStore in memory', async () => {
  const store = new TypeOrmStore({ type: 'sqlite', path: ':memory:' });
  await store.open();
  return { store, cleanup: () => store.close() };
});
