export { AnnouncedProcesses } from './announced-processes.js';
export { decideCommit } from './decide-commit.js';
export { decideAppend, decideDelivery } from './decide-inbox.js';
export { decideClaim, decideExpiry, decideHeartbeat, decideRelease, decideRenewal } from './decide-lease.js';
export { frozenCopy } from './frozen-copy.js';
export type { Decision, HookRow, RunChange } from './run-change.js';
export { type ListedRun, matches, newestFirst } from './run-list.js';
export { type RunRows, RunTables, startKey } from './run-tables.js';
