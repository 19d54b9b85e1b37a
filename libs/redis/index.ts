export type { RedisStoreOptions } from './redis.options.js';
export { RedisStore } from './redis.store.js';
