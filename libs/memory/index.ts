export { InProcessNotifier, type InProcessNotifierOptions } from './in-process.notifier.js';
export { InProcessQueue, type InProcessQueueOptions } from './in-process.queue.js';
export { MemoryStore, type MemoryStoreOptions } from './memory.store.js';
