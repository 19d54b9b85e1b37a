import {
  EventRepository,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../../core/index.js';
import { DelegatingStore } from './delegating-store.js';
import { RecordingStore } from './recording-store.js';
import type { HostProcess } from './surroundings.js';
import { SimulatedFault } from './simulated-queue.js';

/** Does one operation over an unreliable connection. */
type Call = <T>(what: string, effect: () => Promise<T>) => Promise<T>;

/**
 * A process' connection to the store that all processes share.
 *
 * An operation takes effect at some moment between its call and its return, even if its process has died meanwhile.
 */
export class SimulatedStore extends DelegatingStore {
  override readonly runs: RunRepository;
  override readonly events: EventRepository;
  override readonly hooks: HookRepository;
  override readonly exclusive: boolean;

  constructor(private readonly process: HostProcess) {
    super(new RecordingStore(process));
    const call: Call = (what, effect) => this.call(what, effect);
    this.exclusive = process.world.weather.climate.exclusive > 0;
    this.runs = new SimulatedRuns(call, this.inner.runs);
    this.events = new SimulatedEvents(call, this.inner.events);
    this.hooks = new SimulatedHooks(call, this.inner.hooks);
  }

  override async open(): Promise<void> {}
  override async close(): Promise<void> {}

  protected override call<T>(what: string, effect: () => Promise<T>): Promise<T> {
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
