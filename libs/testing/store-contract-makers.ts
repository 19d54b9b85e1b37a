import type {
  Commit,
  CommitResult,
  HistoryEvent,
  HookRecord,
  InboxDraft,
  InboxMessage,
  LeaseChange,
  NewRun,
  RunStatus,
  RunUpdate,
  WorkflowStore,
} from '../core/index.js';

/** Where the tests' time begins. */
export const T = 1_750_000_000_000;
/** When the leases of these makers expire. */
export const UNTIL = T + 15_000;

export const committed = (released = false): CommitResult => ({ type: 'committed', released });
export const fenced: CommitResult = { type: 'fenced' };

export type CommitChanges = Partial<Omit<Commit, 'create' | 'run'>> & { readonly run?: Partial<RunUpdate> };

/** A commit that creates a run, held by A unless told otherwise. */
export function created(runId: string, changes: CommitChanges & { readonly create?: Partial<NewRun> } = {}): Commit {
  return {
    ...commitOf(runId, 0, { events: [started()], ...changes }),
    create: { workflow: 'order', version: 1, tags: [], createdAt: T, ...changes.create },
  };
}

/** A commit of one more event, by A under the first fence unless told otherwise. */
export function commitOf(runId: string, baseSequence: number, changes: CommitChanges = {}): Commit {
  return {
    runId,
    fence: 1,
    baseSequence,
    events: [scheduled(baseSequence + 1)],
    consumes: [],
    opensHooks: [],
    expiresHooks: [],
    closesHooks: [],
    lease: hold(),
    ...changes,
    run: { status: 'running', updatedAt: T + baseSequence, recoveryAttempts: 0, ...changes.run },
  };
}

/** A commit that completes a run of one event. */
export function completing(runId: string, changes: CommitChanges = {}): Commit {
  return commitOf(runId, 1, {
    ...changes,
    run: { status: 'completed', endedAt: T + 1, output: '"done"', ...changes.run },
  });
}

export function hold(owner = 'A', until = UNTIL): LeaseChange {
  return { type: 'hold', owner, until };
}

export function release(wakeAt?: number, owner = 'A', until = UNTIL): LeaseChange {
  return { type: 'release', owner, until, wakeAt };
}

export function started(payload = '[]'): HistoryEvent {
  return {
    sequence: 1,
    type: 'workflow.started',
    at: T,
    payload,
    attributes: { workflow: 'order', version: 1, seed: 'seed' },
  };
}

export function scheduled(sequence: number, payload = '[]'): HistoryEvent {
  return { sequence, type: 'step.scheduled', at: T + sequence, id: `charge#${sequence}`, payload };
}

export function message(runId: string, key: string, changes: Partial<InboxMessage> = {}): InboxMessage {
  return { runId, key, draft: stepCompleted(key), receivedAt: T, ...changes };
}

export function stepCompleted(id: string, payload = '1'): InboxDraft {
  return { type: 'step.completed', id, payload, attributes: { attempt: 1 } };
}

export const resumed: InboxDraft = { type: 'workflow.resumed' };
export const cancelRequested: InboxDraft = { type: 'workflow.cancel_requested' };

export function hook(runId: string, token: string, changes: Partial<HookRecord> = {}): HookRecord {
  return { runId, id: 'approval#1', token, status: 'open', multiple: false, createdAt: T, ...changes };
}

export function delivery(token: string, deliveryId = 'd1', payload = '"yes"') {
  return { token, deliveryId, payload, receivedAt: T };
}

/** A run that A holds, or as the changes say. */
export async function given(
  store: WorkflowStore,
  runId: string,
  changes?: Parameters<typeof created>[1],
): Promise<void> {
  expect(await store.commit(created(runId, changes))).toMatchObject({ type: 'committed' });
}

/** A run that nobody holds. */
export async function givenReleased(
  store: WorkflowStore,
  runId: string,
  status: RunStatus,
  wakeAt?: number,
): Promise<void> {
  await given(store, runId, { run: { status }, lease: release(wakeAt) });
}

/** A run that A holds, with these hooks. */
export async function givenHook(store: WorkflowStore, runId: string, ...hooks: HookRecord[]): Promise<void> {
  await given(store, runId, { opensHooks: hooks });
}

export async function keysOf(store: WorkflowStore, runId: string): Promise<readonly string[]> {
  return (await store.inbox(runId)).map(({ key }) => key);
}

export async function hookStatuses(store: WorkflowStore, runId: string): Promise<readonly string[]> {
  return (await store.hooks.list(runId)).map(({ status }) => status);
}

export async function dueIds(store: WorkflowStore, before: number): Promise<readonly string[]> {
  return (await store.due(before, 1_000)).map(({ runId }) => runId);
}

/** How many results there are of each type. */
export function countTypes(results: readonly { readonly type: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of results) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
