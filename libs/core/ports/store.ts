import type { Commit, CommitResult, InboxMessage } from '../commit.js';
import type { HistoryEvent, Payload } from '../history-event.js';
import type { HookRecord, RunRecord, RunStatus } from '../run-record.js';
import type { Notifier, NotifierOptions } from './notifier.js';

/**
 * Where runs live: the only truth about them.
 *
 * Every method is one transaction. Times are arguments: a store never reads a clock of its own.
 * An adapter may gather the commits of concurrent runs into one write, as long as each stays
 * all-or-nothing and is refused by itself.
 */
export abstract class WorkflowStore {
  /** Reading runs, histories and hooks; also injectable by themselves. */
  abstract readonly runs: RunRepository;
  abstract readonly events: EventRepository;
  abstract readonly hooks: HookRepository;

  /** Connects, takes the store's lock if it serves one process, and migrates. */
  abstract open(): Promise<void>;
  /** Finishes what is being written, then disconnects. Safe to call twice. */
  abstract close(): Promise<void>;

  /** True if this process alone has the store, so that every lease found at `open` belongs to a dead process. */
  abstract readonly exclusive: boolean;

  /** Writes a change of one run, or refuses it whole. Commits of one run are handed in one after another. */
  abstract commit(commit: Commit): Promise<CommitResult>;

  /** Puts a message into a run's inbox, without touching the run row's lock. */
  abstract append(message: InboxMessage): Promise<AppendResult>;

  /** Puts a payload into the inbox of the run whose hook has this token, and settles a hook of one payload. */
  abstract deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult>;

  /** The run's inbox, oldest first. */
  abstract inbox(runId: string): Promise<readonly InboxMessage[]>;

  /**
   * Takes a run's lease and raises its fence, if it has none, its lease has expired or the claimer is its owner.
   * A run that was `running` under a lease that nobody gave up has its `recoveryAttempts` raised in the same statement.
   *
   * @returns undefined if another process holds the run, if it has ended, or if there is no such run.
   */
  abstract claim(claim: Claim): Promise<ClaimedRun | undefined>;

  /**
   * Gives up leases without a commit, each in the statement that finds its inbox empty; a run that is not held with
   * that fence is left alone.
   *
   * @returns the ids of the runs that are held still, because their inbox holds rows.
   */
  abstract release(releases: readonly Release[]): Promise<readonly string[]>;

  /** Extends leases and their alarms. @returns the ids of the runs that are held no longer. */
  abstract renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]>;

  /**
   * Runs whose alarm is due by `now`, the expiry of a lease included, and runs without a lease whose inbox holds rows;
   * the earliest first.
   * Of a blocked or paused run only a request to resume or to cancel counts.
   *
   * @param ahead runs without a lease whose alarm is due by then are told as well
   */
  abstract due(now: number, limit: number, ahead?: number): Promise<readonly DueRun[]>;

  /** Makes every lease expire at `now`: for the one process that has an exclusive store, when it starts. */
  abstract expireLeases(now: number): Promise<void>;

  /**
   * Notes that attempts are alive until `until`.
   *
   * @returns the beats that were refused, whose attempts must stop: the run has ended or is unknown, a later attempt
   * has begun, or another worker has begun this one. One that begins an attempt is refused as well if it was begun
   * before, by whomever.
   */
  abstract heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]>;

  /** The latest heartbeat of each step call of a run, or of these; also of calls that have had their outcome. */
  abstract heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]>;

  /**
   * Says that a process lives until `until` and what it can run, instead of what it said before.
   *
   * @returns the store's time, if it has a clock of its own that the clocks of processes can be set by
   */
  abstract announce(process: ProcessRecord): Promise<number | undefined>;

  /** The processes that live at `now`, as far as they have announced. The others are forgotten. */
  abstract processes(now: number): Promise<readonly ProcessRecord[]>;

  /**
   * What tells the processes that share this store of what has happened, for those that have no queue between them.
   * It is opened after the store and closed before it.
   *
   * A store that cannot carry notices has none, or returns undefined: then they find out by looking.
   */
  notifier?(options: NotifierOptions): Notifier | undefined;
}

/** Reads what is known of runs but their histories. */
export abstract class RunRepository {
  /** Undefined if there is no such run. */
  abstract get(runId: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  abstract list(filter: RunFilter): Promise<RunPage>;
}

/** Reads histories. */
export abstract class EventRepository {
  /** Events after a sequence, in order. */
  abstract load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]>;
}

/** Reads hooks. */
export abstract class HookRepository {
  /** The hook that a token leads to: the open one if there is one, else the latest. */
  abstract findByToken(token: string): Promise<HookRecord | undefined>;
  /** The hooks of a run, in the order of their creation. */
  abstract list(runId: string): Promise<readonly HookRecord[]>;
}

/** Which runs are listed. Times are milliseconds since 1970. */
export interface RunFilter {
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  /** Only runs that have all of these. */
  readonly tags?: readonly string[];
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** At most this many. */
  readonly limit: number;
}

/** A page of runs. */
export interface RunPage {
  readonly runs: readonly RunRecord[];
  readonly nextCursor?: string;
}

export type AppendResult =
  /** `duplicate`: the run has had a message with this key, whose effect stands. */
  | { readonly type: 'appended' | 'duplicate'; readonly owner?: string }
  | { readonly type: 'ended'; readonly status: RunStatus }
  | { readonly type: 'unknown' };

export interface HookDelivery {
  readonly token: string;
  readonly payload: Payload;
  /** The same delivery, sent again, has the same id. */
  readonly deliveryId: string;
  readonly receivedAt: number;
  /** The payload was held to no definition: a hook that has one refuses it as `defined`, whatever its status. */
  readonly unlessDefined?: true;
}

export type HookDeliveryResult =
  | {
      readonly type: 'delivered';
      readonly runId: string;
      readonly hookId: string;
      readonly owner?: string;
      /** What the holder need not look for. Left out if nobody holds the run, if more waits, or if the store does not tell. */
      readonly news?: InboxNews;
    }
  | { readonly type: 'duplicate'; readonly runId: string; readonly hookId: string; readonly owner?: string }
  | { readonly type: 'used' | 'expired' | 'closed' | 'defined'; readonly runId: string; readonly hookId: string }
  | { readonly type: 'unknown' };

/** A message for whoever holds the run with this fence. It is all that waited in the inbox when it came. */
export interface InboxNews {
  readonly fence: number;
  readonly message: InboxMessage;
}

/** Who takes the lease of a run, and until when. */
export interface Claim {
  readonly runId: string;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/** What whoever has taken a run's lease begins with. */
export interface ClaimedRun {
  readonly run: RunRecord;
  readonly inbox: readonly InboxMessage[];
}

/** The lease that a process has, or believes to have. */
export interface HeldLease {
  readonly runId: string;
  readonly owner: string;
  readonly fence: number;
}

/** A lease that is given up. */
export interface Release extends HeldLease {
  /** The run's alarm from now on. */
  readonly wakeAt?: number;
}

/** A run that somebody must look at. */
export interface DueRun {
  readonly runId: string;
  /** When it is due; `receivedAt` of its oldest message for a run that has only that. */
  readonly at: number;
  /** It was running under a lease that nobody gave up: its process died, maybe because of it. */
  readonly suspect: boolean;
}

/** The sign of life of an attempt. */
export interface Heartbeat {
  readonly runId: string;
  /** The step call's id. */
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly until: number;
  /** The attempt is to begin; not kept. */
  readonly begins?: true;
}

/** What a process has announced of itself. */
export interface ProcessRecord {
  /** The name under which it holds leases. */
  readonly owner: string;
  /** What it does: `all`, `orchestrator` or `step-worker`. */
  readonly role: string;
  /** The workflows, as `name@version`, and the steps that it can run. */
  readonly workflows: readonly string[];
  readonly steps: readonly string[];
  readonly until: number;
}
