export { describeNotifierContract } from './notifier-contract.js';
export type { NotifierChannelFixture, NotifierFixture } from './notifier-contract-makers.js';
export { describeQueueContract } from './queue-contract.js';
export type { QueueFixture } from './queue-contract-makers.js';
export { describeStoreContract, type StoreFixture } from './store-contract.js';
export { VirtualClock } from './virtual-clock.js';
