import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreContract } from '../testing/index.js';
import { FileStore } from './file.store.js';

describeStoreContract('FileStore', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pyworkflow-file-'));
  const open = async (): Promise<FileStore> => {
    const store = new FileStore({ path: join(directory, 'runs') });
    await store.open();
    return store;
  };
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    cleanup: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
