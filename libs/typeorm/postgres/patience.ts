import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { StoreUnavailableError } from '../../core/index.js';
import { isConflict, isUnreachable } from './connection-errors.js';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;
const MAX_CONFLICTS = 20;

/** How long one call goes on trying. */
export class Patience {
  private readonly since = performance.now();
  private pauseMs = FIRST_PAUSE_MS;
  private conflicts = 0;

  /** @param place the database, without its password */
  constructor(
    private readonly limitMs: number,
    private readonly place: string,
  ) {}

  /** Pauses before the next attempt. @throws what shall be told to the caller if there is none */
  async afterFailure(error: unknown): Promise<void> {
    if (isUnreachable(error)) await this.pause(error);
    else if (isConflict(error) && this.conflicts < MAX_CONFLICTS) await this.stepAside();
    else throw error;
  }

  /** Runs what may be done twice until it succeeds. It is told whether an attempt before may have been the one that did it. */
  async run<Result>(work: (isRepeated: boolean) => Promise<Result>): Promise<Result> {
    for (let isRepeated = false; ;) {
      try {
        return await work(isRepeated);
      } catch (error) {
        isRepeated ||= isUnreachable(error);
        await this.afterFailure(error);
      }
    }
  }

  private async pause(error: unknown): Promise<void> {
    const spent = performance.now() - this.since;
    if (spent >= this.limitMs) throw new StoreUnavailableError(this.place, error);
    await setTimeout(Math.min(this.pauseMs, this.limitMs - spent));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Not all by the same time, or they meet again. */
  private stepAside(): Promise<void> {
    this.conflicts++;
    return setTimeout(Math.random() * 10 * this.conflicts);
  }
}
