import {
  type AppendResult,
  type Claim,
  type ClaimedRun,
  type Commit,
  type CommitResult,
  type DueRun,
  EventRepository,
  type Heartbeat,
  type HeldLease,
  type HistoryEvent,
  type HookDelivery,
  type HookDeliveryResult,
  type HookRecord,
  HookRepository,
  type InboxMessage,
  type ProcessRecord,
  type Release,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
  WorkflowStore,
} from '../../core/index.js';
import type { HostProcess } from './surroundings.js';
import { SimulatedFault } from './simulated-queue.js';

/** Does one operation over an unreliable connection. */
type Call = <T>(what: string, effect: () => Promise<T>) => Promise<T>;

/**
 * A process' connection to the store that all processes share.
 *
 * An operation takes effect at some moment between its call and its return, even if its process has died meanwhile.
 */
export class SimulatedStore extends WorkflowStore {
  override readonly runs: RunRepository;
  override readonly events: EventRepository;
  override readonly hooks: HookRepository;
  override readonly exclusive: boolean;
  private readonly server: WorkflowStore;
  private readonly call: Call;

  constructor(private readonly process: HostProcess) {
    super();
    const call: Call = (what, effect) => this.request(what, effect);
    this.call = call;
    this.server = process.world.store;
    this.exclusive = process.world.weather.climate.exclusive > 0;
    this.runs = new SimulatedRuns(call, this.server.runs);
    this.events = new SimulatedEvents(call, this.server.events);
    this.hooks = new SimulatedHooks(call, this.server.hooks);
  }

  override async open(): Promise<void> {}
  override async close(): Promise<void> {}

  override commit(commit: Commit): Promise<CommitResult> {
    const { ledger } = this.process.world;
    return this.call(`commit ${commit.runId} +${commit.events.length}`, async () => {
      const result = await this.server.commit(commit);
      await ledger.onCommit(this.process.owner, commit, result);
      return result;
    });
  }

  override append(message: InboxMessage): Promise<AppendResult> {
    return this.call(`append ${message.runId} ${message.key}`, () => this.server.append(message));
  }

  override deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.call(`deliver ${delivery.deliveryId}`, async () => {
      const result = await this.server.deliverHook(delivery);
      this.process.world.ledger.onDelivery(delivery, result);
      return result;
    });
  }

  override inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.call(`inbox ${runId}`, () => this.server.inbox(runId));
  }

  override claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return this.call(`claim ${claim.runId}`, async () => {
      const claimed = await this.server.claim(claim);
      if (claimed) this.process.world.ledger.onClaim(this.process.owner, claimed.run);
      return claimed;
    });
  }

  override release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.call(`release ${releases.map(({ runId }) => runId).join()}`, async () => {
      const held = await this.server.release(releases);
      await this.process.world.ledger.onReleases(releases, held);
      return held;
    });
  }

  override renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return this.call('renew', () => this.server.renew(leases, until));
  }

  override due(now: number, limit: number, ahead?: number): Promise<readonly DueRun[]> {
    return this.call('due', () => this.server.due(now, limit, ahead));
  }

  override expireLeases(now: number): Promise<void> {
    return this.call('expireLeases', () => this.server.expireLeases(now));
  }

  override heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return this.call('heartbeat', () => this.server.heartbeat(beats));
  }

  override heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    return this.call('heartbeats', () => this.server.heartbeats(runId, ids));
  }

  override announce(process: ProcessRecord): Promise<number | undefined> {
    return this.call('announce', () => this.server.announce(process));
  }

  override processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.call('processes', () => this.server.processes(now));
  }

  private request<T>(what: string, effect: () => Promise<T>): Promise<T> {
    const { process } = this;
    const { loop, timeline, trace, weather } = process.world;
    if (process.isGone) return new Promise(() => {});
    loop.stir();
    return new Promise<T>((resolve, reject) => {
      const fate = this.fate();
      // What is on its way when its process dies may get there, unless the store is within the process.
      const isCut = weather.happens(0.5) || this.exclusive;
      const later = (callback: () => void): unknown =>
        timeline.schedule(timeline.now() + weather.storeLatencyMs(), callback);
      const take = (): Promise<Settled<T>> | undefined => {
        trace.note(`${process.owner} ${what}${fate === 'done' ? '' : ` (${fate})`}`);
        return settled(effect());
      };
      const answer = (outcome: Promise<Settled<T>> | undefined): void =>
        process.enter(() => {
          if (!outcome) return reject(new SimulatedFault(`the store could not ${what}`));
          void outcome.then((result) => ('error' in result ? reject(result.error as Error) : resolve(result.value)));
        });
      later(() => {
        if (process.isGone && isCut) return;
        const isWritten = fate === 'done' || fate === 'lost acknowledgement';
        const outcome = isWritten && !process.isDisconnected ? take() : undefined;
        later(() => answer(fate === 'done' ? outcome : undefined));
        if (fate === 'late') later(() => later(() => (process.isGone && isCut) || take()));
      });
    });
  }

  private fate(): 'done' | 'failed' | 'lost acknowledgement' | 'late' {
    const { weather } = this.process.world;
    const { storeFailures, lostAcknowledgements, lateWrites } = weather.climate;
    if (weather.happens(storeFailures)) return 'failed';
    if (weather.happens(lostAcknowledgements)) return 'lost acknowledgement';
    return weather.happens(lateWrites) ? 'late' : 'done';
  }
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

class SimulatedRuns extends RunRepository {
  constructor(
    private readonly call: Call,
    private readonly server: RunRepository,
  ) {
    super();
  }

  override get(runId: string): Promise<RunRecord | undefined> {
    return this.call(`get ${runId}`, () => this.server.get(runId));
  }

  override list(filter: RunFilter): Promise<RunPage> {
    return this.call('list', () => this.server.list(filter));
  }
}

class SimulatedEvents extends EventRepository {
  constructor(
    private readonly call: Call,
    private readonly server: EventRepository,
  ) {
    super();
  }

  override load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return this.call(`load ${runId} after ${after}`, () => this.server.load(runId, after, limit));
  }
}

class SimulatedHooks extends HookRepository {
  constructor(
    private readonly call: Call,
    private readonly server: HookRepository,
  ) {
    super();
  }

  override findByToken(token: string): Promise<HookRecord | undefined> {
    return this.call('findByToken', () => this.server.findByToken(token));
  }

  override list(runId: string): Promise<readonly HookRecord[]> {
    return this.call(`hooks ${runId}`, () => this.server.list(runId));
  }
}
