import type { Redis } from 'ioredis';
import type { Destination } from './outbox.js';
import { end, type RedisLink, within } from './redis-link.js';

/** How many are taken at once. */
const MOST = 1_000;
/** How long one blocking command waits; a wake ends the wait at once. */
const IDLE_WAIT_S = 10;
/** A server that has not answered for so long after that has vanished. */
const SILENCE_MS = 5_000;
const RETRY_MS = 1_000;
/** Wakes for a process that is gone are of no use: its runs go to others by their alarms. */
const KEPT_S = 120;

const PUSH = `
redis.call('RPUSH', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])`;
const TAKE = `
local taken = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
return taken`;

/** The list of a process, for those who wake its runs: as JSON, since an id may be text that has no UTF-8. */
export function wakeListAt(client: Redis, key: string): Destination<undefined> {
  return {
    name: key,
    send: async (messages) => {
      const texts = [...messages.keys()].map((runId) => JSON.stringify(runId));
      for (let from = 0; from < texts.length; from += MOST) {
        await client.eval(PUSH, 1, key, KEPT_S, ...texts.slice(from, from + MOST));
      }
    },
  };
}

/** Takes what is in a list now. */
export async function takeWakes(client: Redis, key: string): Promise<readonly string[]> {
  const texts = (await client.eval(TAKE, 1, key, MOST)) as string[];
  return texts.map((text) => JSON.parse(text) as string);
}

/**
 * Takes the wakes of runs that this process holds, out of a list of its own, many at a time.
 *
 * They are no jobs: nobody else could do anything with them, so there is nothing to lock, to try again or to count.
 * That pays, since most messages of a busy cluster are of this kind.
 */
export class WakeList {
  private readonly connection: Redis;
  private readonly taking: Promise<void>;
  private readonly handling = new Set<Promise<unknown>>();
  private isDraining = false;
  private isBlocking = false;
  /** Ends the pause after a failure. */
  private resume = (): void => {};

  constructor(
    private readonly link: RedisLink,
    private readonly key: string,
    private readonly handle: (runId: string) => Promise<void>,
  ) {
    this.connection = link.client.duplicate();
    this.connection.on('error', (error) => link.report(error));
    this.taking = this.takeAll();
  }

  /** Takes no more, and waits for the handlers that run. */
  async drain(patienceMs: number): Promise<void> {
    this.isDraining = true;
    this.resume();
    const isGone = new Promise((resolve) => this.connection.once('end', resolve));
    if (this.isBlocking) end(this.connection);
    const late = (): Error => new Error('late');
    await within(this.taking, patienceMs, late).catch(() => {});
    if (this.connection.status !== 'end') {
      end(this.connection);
      await within(isGone, patienceMs, late).catch(() => {});
    }
    await Promise.all(this.handling);
  }

  private async takeAll(): Promise<void> {
    while (!this.isDraining) {
      try {
        await this.beginNext();
      } catch (error) {
        if (this.isDraining) return;
        this.link.report(error);
        await this.pause();
      }
    }
  }

  /** Waits for one, and takes those that have come with it: so that they are begun, and read and written, together. */
  private async beginNext(): Promise<void> {
    const silent = (): Error => new Error('Redis has fallen silent');
    // Both are sent at once. The server runs the second as soon as the first has found one.
    const first = this.connection.blpop(this.key, IDLE_WAIT_S);
    const rest = takeWakes(this.connection, this.key);
    // What is answered after all, on another connection, is begun as well: it is in no list any more.
    const begun = Promise.all([first, rest]).then(([found, others]) => {
      if (found) this.begin(JSON.parse(found[1]) as string);
      for (const runId of others) this.begin(runId);
    });
    this.isBlocking = true;
    try {
      await within(begun, IDLE_WAIT_S * 1_000 + SILENCE_MS, silent);
    } catch (error) {
      if (!this.isDraining) this.connection.disconnect(true);
      throw error;
    } finally {
      this.isBlocking = false;
    }
  }

  private begin(runId: string): void {
    const end = (): unknown => this.handling.delete(handled);
    const handled: Promise<unknown> = this.handle(runId).then(end, (error: unknown) => {
      this.link.report(error);
      end();
    });
    this.handling.add(handled);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.resume = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
