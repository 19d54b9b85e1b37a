import { redisKeyPrefix, redisUrl } from '../../test/services/index.js';
import { describeStoreContract } from '../testing/index.js';
import { RedisStore } from './redis.store.js';

let stores = 0;

describeStoreContract('RedisStore', async () => {
  const url = await redisUrl();
  const keyPrefix = `${redisKeyPrefix()}{${(stores += 1)}}:`;
  let store: RedisStore;
  const open = async (): Promise<RedisStore> => {
    store = new RedisStore({ url, keyPrefix, onWarning: () => {} });
    await store.open();
    return store;
  };
  await open();
  return {
    store: store!,
    reopen: async () => {
      await store.close();
      return open();
    },
    cleanup: () => store.close(),
  };
});
