export { describeStoreContract, type StoreFixture } from './store-contract.js';
export { VirtualClock } from './virtual-clock.js';
