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
  type Notifier,
  Opening,
  type ProcessRecord,
  type Release,
  type RunRepository,
  WorkflowStore,
} from '../core/index.js';
import { checkServer } from './check-server.js';
import { commitCall, toCommitResult } from './commit-call.js';
import { escaped, unescaped } from './escaped-text.js';
import { appendCall, deliverCall, toAppendResult, toDeliveryResult } from './inbox-calls.js';
import { claimCall, dueCall, inParts, leaseRows, toClaimedRun, toDueRuns } from './lease-calls.js';
import { Patience } from './patience.js';
import { announceCall, beatRows, toTime } from './process-calls.js';
import { RedisConnection, type ScriptCall } from './redis-connection.js';
import type { RedisReader } from './redis-reader.js';
import { RedisNotifier, type RedisNotifierOptions } from './redis.notifier.js';
import { type CheckedOptions, checkOptions, type RedisStoreOptions } from './redis.options.js';
import { RedisEventRepository, RedisHookRepository, RedisRunRepository } from './repositories.js';
import { entriesOf, toHeartbeat, toMessages } from './rows.js';
import { EXPIRE_LEASES, RELEASE, RENEW } from './scripts/lease.scripts.js';
import { HEARTBEAT, LIST_PROCESSES } from './scripts/process.scripts.js';
import { wholeNumber } from './whole-number.js';

/** A connection, and how long to wait for it. */
interface Opened {
  readonly connection: RedisConnection;
  readonly patience: Patience;
}

/**
 * Keeps runs in Redis, for any number of processes.
 *
 * Each operation is one script, which the server carries out whole. All histories live in the server's memory, and
 * outlast it as far as its append-only file does.
 */
export class RedisStore extends WorkflowStore {
  private readonly reader: RedisReader = {
    read: (command, key, ...parameters) => this.read(command, key, ...parameters),
    run: (call) => this.run(() => call),
  };
  override readonly runs: RunRepository = new RedisRunRepository(this.reader);
  override readonly events: EventRepository = new RedisEventRepository(this.reader);
  override readonly hooks: HookRepository = new RedisHookRepository(this.reader);
  override readonly exclusive = false;

  private readonly options: CheckedOptions;
  private readonly opening = new Opening(
    () => openConnection(this.options),
    ({ connection }) => Promise.allSettled(this.underWay).then(() => connection.disconnect()),
  );
  private readonly underWay = new Set<Promise<unknown>>();

  /** @throws InvalidInputError if the options cannot be used. */
  constructor(options: RedisStoreOptions) {
    super();
    this.options = checkOptions(options);
  }

  override open(): Promise<void> {
    return this.opening.open();
  }

  override close(): Promise<void> {
    return this.opening.close();
  }

  override async commit(commit: Commit): Promise<CommitResult> {
    return toCommitResult(await this.run((isRepeated) => commitCall(commit, isRepeated)));
  }

  override async append(message: InboxMessage): Promise<AppendResult> {
    return toAppendResult(await this.run(() => appendCall(message)));
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return toDeliveryResult(await this.run(() => deliverCall(delivery)));
  }

  override async inbox(runId: string): Promise<readonly InboxMessage[]> {
    const fields = await this.read('HGETALL', ['inbox', escaped(runId)]);
    return toMessages(runId, fields as readonly string[]);
  }

  override async claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return toClaimedRun(claim.runId, await this.run(() => claimCall(claim)));
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    const told = leaseRows(releases);
    const held = await inParts(told, (leases) => this.run(() => ({ script: RELEASE, told: { leases } })));
    return held.map((place) => releases[place]!.runId);
  }

  override async renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    const leaseEnd = wholeNumber('The end of the lease', until);
    const lost = await inParts(leaseRows(leases), (part) =>
      this.run(() => ({ script: RENEW, told: { leases: part, leaseEnd } })),
    );
    return lost.map((place) => leases[place]!.runId);
  }

  override async due(now: number, limit: number, ahead = now): Promise<readonly DueRun[]> {
    if (limit < 1) return [];
    return toDueRuns(await this.run(() => dueCall(now, limit, ahead)), limit);
  }

  override async expireLeases(now: number): Promise<void> {
    const told = { now: wholeNumber('now', now) };
    await this.run(() => ({ script: EXPIRE_LEASES, told }));
  }

  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    const refused = await inParts(beatRows(beats), (part) =>
      this.run((isRepeated) => ({ script: HEARTBEAT, told: { beats: part, isRepeated } })),
    );
    return refused.map((place) => beats[place]!);
  }

  override async heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    if (ids?.length === 0) return [];
    const key = ['beats', escaped(runId)] as const;
    if (!ids) {
      const fields = (await this.read('HGETALL', key)) as readonly string[];
      return entriesOf(fields).map(([id, row]) => toHeartbeat(runId, unescaped(id), row));
    }
    const rows = (await this.read('HMGET', key, ...ids.map(escaped))) as readonly (string | null)[];
    return rows.flatMap((row, index) => (row === null ? [] : toHeartbeat(runId, ids[index]!, row)));
  }

  override async announce(process: ProcessRecord): Promise<number> {
    return toTime(await this.run(() => announceCall(process)));
  }

  override async processes(now: number): Promise<readonly ProcessRecord[]> {
    const told = { now: wholeNumber('now', now) };
    const records = (await this.run(() => ({ script: LIST_PROCESSES, told }))) as readonly string[];
    const alive = records.map((record) => JSON.parse(record) as ProcessRecord);
    return alive.sort((one, other) => (one.owner < other.owner ? -1 : 1));
  }

  override notifier(options: RedisNotifierOptions): Notifier | undefined {
    const { place, listen } = this.options;
    if (!listen) return undefined;
    return new RedisNotifier(() => ({ connection: this.opening.current.connection, place }), options);
  }

  private read(
    command: string,
    key: string | readonly [string, string],
    ...parameters: (string | number)[]
  ): Promise<unknown> {
    const name = typeof key === 'string' ? this.options.keyPrefix + key : `${this.options.keyPrefix}${key.join(':')}`;
    return this.patiently(({ connection }) => connection.ask(command, name, ...parameters));
  }

  private run(callFor: (isRepeated: boolean) => ScriptCall): Promise<unknown> {
    return this.patiently(({ connection }, isRepeated) => connection.run(callFor(isRepeated)));
  }

  private patiently<Result>(work: (opened: Opened, isRepeated: boolean) => Promise<Result>): Promise<Result> {
    return this.opening.use((opened) => {
      const working = opened.patience.run(async (isRepeated) => work(opened, isRepeated));
      this.underWay.add(working);
      const forget = (): boolean => this.underWay.delete(working);
      working.then(forget, forget);
      return working;
    });
  }
}

/** @throws StoreOpenError or StoreUnavailableError if there is no Redis that can keep runs. */
async function openConnection(options: CheckedOptions): Promise<Opened> {
  const connection = new RedisConnection(options.url, options.keyPrefix);
  const patience = new Patience(connection, options.retryForMs, options.place);
  try {
    await connection.connect();
    checkServer((await patience.run(() => connection.ask('INFO'))) as string, options);
    return { connection, patience };
  } catch (error) {
    await connection.disconnect();
    throw error;
  }
}
