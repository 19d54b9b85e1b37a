import {
  type AppendResult,
  type Commit,
  type CommitResult,
  EventRepository,
  type Heartbeat,
  type HistoryEvent,
  type HookDelivery,
  type HookDeliveryResult,
  type InboxMessage,
  isOutcomeEvent,
  type Release,
  type RunRecord,
  type WorkflowStore,
} from '../../core/index.js';
import { DelegatingStore } from './delegating-store.js';
import type { SimulationSettings } from './settings.js';

/** What the promises rest on. Each of them can be taken away, and then seeds must fail. */
export const GUARDS: Readonly<Record<string, SimulationSettings>> = {
  fence: { guard: (store) => new WithoutFence(store) },
  inbox: { guard: (store) => new WithoutInboxCheck(store) },
  alarm: { guard: (store) => new WithoutAlarm(store) },
  dedup: { guard: (store) => new WithoutDedup(store) },
  hook_settled: { guard: (store) => new WithoutHookSettled(store) },
  patience: { options: { replayPatienceMs: 0 } },
  order: { guard: (store) => new WithoutOrder(store) },
  compaction: { guard: (store) => new WithoutLatest(store), climate: { compactAfter: 1 } },
  counts: { guard: (store) => new WithoutCounts(store), climate: { compactAfter: 1 } },
  begin: { guard: (store) => new WithoutBegin(store), climate: { cluster: 1 } },
};

/** Takes a commit from whoever holds an old fence. */
class WithoutFence extends DelegatingStore {
  override async commit(commit: Commit): Promise<CommitResult> {
    const run = await this.runs.get(commit.runId);
    if (!run?.owner || commit.create) return this.inner.commit(commit);
    return this.inner.commit({ ...commit, fence: run.fence, lease: { ...commit.lease, owner: run.owner } });
  }
}

/** Gives leases up whatever is in the inbox. */
class WithoutInboxCheck extends DelegatingStore {
  override async commit(commit: Commit): Promise<CommitResult> {
    const result = await this.inner.commit(commit);
    const { lease, runId } = commit;
    if (result.type !== 'committed' || result.released || lease.type !== 'release') return result;
    this.giveUp(runId, lease.wakeAt);
    return { type: 'committed', released: true };
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    const held = await this.inner.release(releases);
    for (const { runId, wakeAt } of releases) if (held.includes(runId)) this.giveUp(runId, wakeAt);
    return [];
  }

  private giveUp(runId: string, wakeAt: number | undefined): void {
    const { tables } = this.inner as unknown as { tables: RunTables };
    tables.update(tables.runs.get(runId), { owner: undefined, leaseUntil: undefined, wakeAt });
  }
}

/** As much as is needed here of what a MemoryStore keeps to itself. */
interface RunTables {
  readonly runs: ReadonlyMap<string, unknown>;
  update(run: unknown, changes: Partial<Record<keyof RunRecord, unknown>>): void;
}

/** Forgets when a run is to be looked at again. */
class WithoutAlarm extends DelegatingStore {
  override commit(commit: Commit): Promise<CommitResult> {
    const { type, owner, until } = commit.lease;
    return this.inner.commit({ ...commit, lease: { type, owner, until } });
  }

  override release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.inner.release(releases.map(({ runId, owner, fence }) => ({ runId, owner, fence })));
  }
}

/** Takes the same message as often as it comes. */
class WithoutDedup extends DelegatingStore {
  private messages = 0;

  override append(message: InboxMessage): Promise<AppendResult> {
    return this.inner.append({ ...message, key: `${message.key}:${++this.messages}` });
  }

  override deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.inner.deliverHook({ ...delivery, deliveryId: `${delivery.deliveryId}:${++this.messages}` });
  }
}

/** Lets a hook expire although it has been delivered to. */
class WithoutHookSettled extends DelegatingStore {
  override async commit(commit: Commit): Promise<CommitResult> {
    const open = (await this.hooks.list(commit.runId)).filter(({ status }) => status === 'open').map(({ id }) => id);
    return this.inner.commit({ ...commit, expiresHooks: commit.expiresHooks.filter((id) => open.includes(id)) });
  }
}

/** Compacts the event behind as well, which may count still. */
class WithoutLatest extends DelegatingStore {
  override commit(commit: Commit): Promise<CommitResult> {
    const compacts = commit.compacts?.map((event) => ({
      ...event,
      sequence: Math.min(event.sequence + 1, commit.baseSequence),
    }));
    return this.inner.commit({ ...commit, ...(compacts && { compacts }) });
  }
}

/** Forgets what the code has asked for in rounds of loops that are over. */
class WithoutCounts extends DelegatingStore {
  override commit(commit: Commit): Promise<CommitResult> {
    const events = commit.events.map((event) =>
      event.type === 'checkpoint.saved' && event.attributes
        ? { ...event, attributes: { ...event.attributes, counts: {} } }
        : event,
    );
    return this.inner.commit({ ...commit, events });
  }
}

/** Lets every worker begin an attempt, as often as its message comes. */
class WithoutBegin extends DelegatingStore {
  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    await this.inner.heartbeat(beats);
    return [];
  }
}

/** Gives the outcomes of a history back in the wrong order. */
class WithoutOrder extends DelegatingStore {
  override readonly events: EventRepository;

  constructor(inner: WorkflowStore) {
    super(inner);
    this.events = new DisorderedEvents(inner.events);
  }
}

class DisorderedEvents extends EventRepository {
  constructor(private readonly inner: EventRepository) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    const events = await this.inner.load(runId, after, limit);
    const outcomes = events.filter(isOutcomeEvent);
    return events.map((event) => {
      if (!isOutcomeEvent(event)) return event;
      return { ...outcomes.pop()!, sequence: event.sequence, at: event.at };
    });
  }
}
