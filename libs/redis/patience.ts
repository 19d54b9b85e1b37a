import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { StoreOpenError, StoreUnavailableError } from '../core/index.js';
import type { RedisConnection } from './redis-connection.js';
import { isForbidden, isUnreachable } from './redis-errors.js';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/** How long a call goes on trying while Redis is away. */
export class Patience {
  /** @param place the server, without its password */
  constructor(
    private readonly connection: RedisConnection,
    private readonly limitMs: number,
    readonly place: string,
  ) {}

  /** Runs what may be done twice until it succeeds. It is told whether an attempt before has had no answer. */
  async run<Result>(work: (isRepeated: boolean) => Promise<Result>): Promise<Result> {
    const since = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS, isRepeated = false; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await work(isRepeated);
      } catch (error) {
        isRepeated = true;
        const leftMs = this.limitMs - (performance.now() - since);
        await this.afterFailure(error, Math.min(pauseMs, leftMs));
      }
    }
  }

  private async afterFailure(error: unknown, pauseMs: number): Promise<void> {
    const cause = this.connection.lastFailure ?? error;
    if (isForbidden(error) || isForbidden(cause)) {
      throw new StoreOpenError(this.place, isForbidden(error) ? error : cause, 'Check the account and its password.');
    }
    if (!isUnreachable(error)) throw error;
    if (pauseMs <= 0) throw new StoreUnavailableError(this.place, cause);
    await setTimeout(pauseMs);
  }
}
