import {
  type AppendResult,
  type Claim,
  type ClaimedRun,
  type Commit,
  type CommitResult,
  type DueRun,
  type EventRepository,
  type Heartbeat,
  type HeldLease,
  type HookDelivery,
  type HookDeliveryResult,
  type HookRepository,
  type InboxMessage,
  Opening,
  type ProcessRecord,
  type Release,
  type RunRepository,
  WorkflowStore,
} from '../core/index.js';
import {
  AnnouncedProcesses,
  decideAppend,
  decideClaim,
  decideCommit,
  decideDelivery,
  decideExpiry,
  decideHeartbeat,
  decideRelease,
  decideRenewal,
  type Decision,
  startKey,
} from '../tables/index.js';
import { FileBackend } from './file.backend.js';
import { checkOptions, type FileStoreOptions } from './file.options.js';
import { FileEventRepository, FileHookRepository, FileRunRepository } from './file-repositories.js';

/**
 * Keeps each run in a file that only grows, a line for each change, which can be read with `less`.
 *
 * For one process, without a database. The rows of runs that go on are in memory as well, their histories are not; of a
 * run that has ended only what a list needs.
 */
export class FileStore extends WorkflowStore {
  override readonly runs: RunRepository = new FileRunRepository(() => this.backend);
  override readonly events: EventRepository = new FileEventRepository(() => this.backend);
  override readonly hooks: HookRepository = new FileHookRepository(() => this.backend);
  /** A lock on the directory holds others off. */
  override readonly exclusive = true;

  private readonly opening: Opening<FileBackend>;
  /** In memory alone: when this process ends, what it said of itself is void. */
  private readonly announced = new AnnouncedProcesses();

  /** @throws InvalidInputError if the options cannot be used. */
  constructor(options: FileStoreOptions) {
    super();
    checkOptions(options);
    this.opening = new Opening(
      () => FileBackend.open(options),
      (backend) => backend.close(),
    );
  }

  override open(): Promise<void> {
    return this.opening.open();
  }

  override close(): Promise<void> {
    return this.opening.close();
  }

  override async commit(commit: Commit): Promise<CommitResult> {
    const { backend } = this;
    return backend.change(commit.runId, () => decideCommitOf(backend, commit), 'disk', { takes: takenBy(commit) });
  }

  override async append(message: InboxMessage): Promise<AppendResult> {
    const { backend } = this;
    const decide = (): Decision<AppendResult> => {
      const ended = backend.ended.get(message.runId);
      return ended ? { result: { type: 'ended', status: ended.status } } : decideAppend(backend.tables, message);
    };
    return backend.change(message.runId, decide, 'disk', { name: message.key });
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    const { tables } = this.backend;
    const runOf = (): string | undefined => tables.hookOf(delivery.token)?.record.runId;
    for (let runId = runOf(); runId !== undefined; runId = runOf()) {
      // Another run may have taken the token while this one was waited for.
      const decide = (): Decision<HookDeliveryResult | undefined> =>
        runOf() === runId ? decideDelivery(tables, delivery) : { result: undefined };
      const result = await this.backend.change(runId, decide, 'disk');
      if (result) return result;
    }
    return { type: 'unknown' };
  }

  override async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return [...(this.backend.tables.runs.get(runId)?.inbox.values() ?? [])];
  }

  override async claim(claim: Claim): Promise<ClaimedRun | undefined> {
    const { tables } = this.backend;
    return this.backend.change(claim.runId, () => decideClaim(tables, claim), 'file');
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    const { backend } = this;
    const released = await Promise.all(
      releases.map((one) => backend.change(one.runId, () => decideRelease(backend.tables, one), 'file')),
    );
    return releases.filter((_, index) => !released[index]).map(({ runId }) => runId);
  }

  override async renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    const { backend } = this;
    const renewed = await Promise.all(
      leases.map((one) => backend.change(one.runId, () => decideRenewal(backend.tables, one, until), 'memory')),
    );
    return leases.filter((_, index) => !renewed[index]).map(({ runId }) => runId);
  }

  override async due(now: number, limit: number, ahead = now): Promise<readonly DueRun[]> {
    return this.backend.tables.due(now, limit, ahead);
  }

  override async expireLeases(now: number): Promise<void> {
    const { backend } = this;
    const runs = [...backend.tables.runs.values()].filter(({ record }) => record.owner !== undefined);
    await Promise.all(runs.map((run) => backend.change(run.record.runId, () => decideExpiry(run, now), 'memory')));
  }

  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    const { backend } = this;
    const taken = await Promise.all(
      beats.map((beat) => {
        // The one that begins an attempt outlives the process, so that the attempt is not begun again.
        const durability = () => (hasBegun(backend, beat) ? 'memory' : 'file');
        return backend.change(beat.runId, () => decideHeartbeat(backend.tables, beat), durability);
      }),
    );
    return beats.filter((_, index) => !taken[index]);
  }

  override async heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    return this.backend.tables.heartbeats(runId, ids);
  }

  override async announce(process: ProcessRecord): Promise<undefined> {
    this.announced.announce(process);
  }

  override async processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.announced.at(now);
  }

  private get backend(): FileBackend {
    return this.opening.current;
  }
}

function decideCommitOf({ tables, ended }: FileBackend, commit: Commit): Decision<CommitResult> {
  const known = commit.create && ended.get(commit.runId);
  if (!known) return decideCommit(tables, commit);
  return { result: { type: 'duplicate', runId: known.runId, inputDigest: known.inputDigest } };
}

/** What two commits cannot both have: an idempotency key, and tokens of open hooks. */
function takenBy({ create, opensHooks }: Commit): readonly string[] {
  const tokens = opensHooks.filter(({ status }) => status === 'open').map(({ token }) => `token ${token}`);
  if (create?.idempotencyKey === undefined) return tokens;
  return [`start ${startKey(create.workflow, create.idempotencyKey)}`, ...tokens];
}

function hasBegun({ tables }: FileBackend, { runId, id, attempt }: Heartbeat): boolean {
  return tables.runs.get(runId)?.heartbeats.get(id)?.attempt === attempt;
}
