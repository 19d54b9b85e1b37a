export { decideCommit } from './decide-commit.js';
export { decideAppend, decideDelivery } from './decide-inbox.js';
export { decideClaim, decideExpiry, decideHeartbeat, decideRelease, decideRenewal } from './decide-lease.js';
export { frozenCopy } from './frozen-copy.js';
export type { Decision, RunChange } from './run-change.js';
export { matches, newestFirst, readCursor, writeCursor } from './run-list.js';
export { RunTables } from './run-tables.js';
