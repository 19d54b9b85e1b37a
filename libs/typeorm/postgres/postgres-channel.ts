import { performance } from 'node:perf_hooks';
import { type ChannelListener, type NoticeChannel, StoreError, StoreUnavailableError } from '../../core/index.js';
import { type LineListener, PostgresLine } from './postgres-line.js';
import type { PgPool } from './postgres-pool.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Who only listens would not notice that the server has vanished, or that the others have gone. */
const CHECK_MS = 15_000;

/** Where to connect to: what an open store has. */
export interface NoticeSource {
  readonly pool: PgPool;
  /** Of the tables. @default the first of the search path */
  readonly schema: string | undefined;
  /** The database in messages, without a password. */
  readonly place: string;
}

interface PostgresChannelOptions {
  readonly patienceMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Carries texts by LISTEN and NOTIFY, on one connection that is replaced when it breaks.
 *
 * Who sends waits for it until `patienceMs` after it broke: a short outage loses nothing that is sent here, and in a long
 * one nobody waits. What others send in an outage is lost here. An outage is reported once.
 */
export class PostgresChannel implements NoticeChannel {
  private line: PostgresLine | undefined;
  private connecting: PostgresLine | undefined;
  private keeping: Promise<void> | undefined;
  private isClosed = false;
  private downSince: number | undefined = performance.now();
  private lastError: unknown;
  private isReported = false;
  private pauseMs = FIRST_PAUSE_MS;
  private endPause = (): void => {};
  /** Called when there is a line, and when there will be none. */
  private readonly waiting = new Set<() => void>();

  /** @param source throws while the store is not open */
  constructor(
    private readonly source: () => NoticeSource,
    private readonly options: PostgresChannelOptions,
  ) {}

  get isAlone(): boolean {
    return this.line !== undefined && !this.line.isBroken && this.line.isAlone;
  }

  async open(listener: ChannelListener): Promise<void> {
    const { place } = this.source();
    this.keeping ??= this.keepListening(listener);
    const { patienceMs } = this.options;
    if (await this.isReady(patienceMs)) return;
    throw unavailable(place, this.lastError ?? new Error(`no answer within ${patienceMs} ms`));
  }

  async send(texts: readonly string[]): Promise<void> {
    const giveUpAt = performance.now() + this.options.patienceMs;
    while (await this.isReady(giveUpAt - performance.now())) {
      const line = this.line!;
      try {
        await line.notify(texts);
        return this.onAlive();
      } catch (error) {
        // One that broke may have carried them: they are hints, and may come twice.
        if (!line.isBroken) return this.report(error);
      }
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.endPause();
    this.tellWaiting();
    await Promise.all([this.line?.end(), this.connecting?.end()]);
    await this.keeping;
  }

  private async keepListening(listener: ChannelListener): Promise<void> {
    let hasFailed = false;
    while (!this.isClosed) {
      try {
        const line = await this.connect(listener);
        if (hasFailed) listener.onMissed();
        this.lastError = await this.whenBroken(line);
      } catch (error) {
        this.lastError = error;
      }
      hasFailed = true;
      if (!this.isClosed) await this.afterFailure(this.lastError);
    }
  }

  private async connect(listener: LineListener): Promise<PostgresLine> {
    const { pool, schema, place } = this.source();
    const line = (this.connecting = new PostgresLine(pool, this.options.patienceMs));
    try {
      await line.listen(schema, listener);
    } catch (error) {
      await line.end();
      throw unavailable(place, error);
    } finally {
      this.connecting = undefined;
    }
    this.line = line;
    this.downSince = undefined;
    if (!line.isAlone) listener.onCompany();
    this.tellWaiting();
    return line;
  }

  /** @returns the reason */
  private async whenBroken(line: PostgresLine): Promise<unknown> {
    const { place } = this.source();
    const timer = setInterval(
      () =>
        void line.check().then(
          () => this.onAlive(),
          () => {}, // then it is broken
        ),
      CHECK_MS,
    ).unref();
    const why = await line.broken;
    clearInterval(timer);
    this.line = undefined;
    this.downSince = performance.now();
    await line.end();
    return unavailable(place, why);
  }

  private async afterFailure(error: unknown): Promise<void> {
    this.report(error);
    const { pauseMs } = this;
    this.pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Not as soon as it listens: a server may end each connection that it has just taken. */
  private onAlive(): void {
    this.isReported = false;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  private report(error: unknown): void {
    if (this.isReported || this.isClosed) return;
    this.isReported = true;
    this.options.onError(error);
  }

  /** Waits for a line, but no longer than the patience with this outage. */
  private isReady(limitMs: number): boolean | Promise<boolean> {
    if (this.isClosed) return false;
    if (this.line && !this.line.isBroken) return true;
    const now = performance.now();
    const leftMs = Math.min(limitMs, (this.downSince ?? now) + this.options.patienceMs - now);
    if (leftMs <= 0) return false;
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(this.line !== undefined && !this.isClosed);
      };
      const timer = setTimeout(settle, leftMs);
      this.waiting.add(settle);
    });
  }

  private tellWaiting(): void {
    for (const settle of this.waiting) settle();
  }
}

function unavailable(place: string, error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreUnavailableError(place, error);
}
