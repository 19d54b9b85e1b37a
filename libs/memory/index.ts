export { InProcessNotifier } from './in-process.notifier.js';
export { InProcessQueue } from './in-process.queue.js';
export { MemoryStore } from './memory.store.js';
