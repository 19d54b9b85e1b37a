import type { RedisLink } from './redis-link.js';

const BEAT_MS = 10_000;
/** Who has been silent for longer gets no wakes: they go to anyone. */
const ALIVE_S = 35;
/** Who has been silent for longer is forgotten. */
const GONE_S = 120;
/** How long an answer is good for: a wake that misses its process is made up for by an alarm. */
const ANSWER_MS = 1_000;
const MOST_ANSWERS = 1_000;

// Redis' own clock, since those of the processes may differ.
const BEAT = `
local now = redis.call('TIME')[1]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZADD', KEYS[1], now, ARGV[1])`;
const IS_ALIVE = `
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
return seen and redis.call('TIME')[1] - seen < tonumber(ARGV[2]) and 1 or 0`;

/**
 * Which processes take wakes, by when they were last heard of, so that no list is filled for one that is gone.
 */
export class ProcessDirectory {
  private readonly key: string;
  private readonly owners = new Set<string>();
  private readonly answers = new Map<string, { readonly isAlive: Promise<boolean>; readonly until: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: RedisLink,
    prefix: string,
  ) {
    this.key = `${prefix}:processes`;
    link.onReady(() => this.beat());
  }

  /** Makes a process known, and keeps it so. */
  async join(owner: string): Promise<void> {
    this.owners.add(owner);
    this.answers.delete(owner);
    this.timer ??= setInterval(() => this.beat(), BEAT_MS).unref();
    await this.sendBeat(owner).catch(this.report);
  }

  /** Says that this process takes no more wakes. */
  async leave(): Promise<void> {
    clearInterval(this.timer);
    const owners = [...this.owners];
    this.owners.clear();
    if (owners.length === 0) return;
    await this.link.send(() => this.link.client.zrem(this.key, ...owners)).catch(this.report);
  }

  /** @throws RedisUnavailableError */
  isAlive(owner: string): Promise<boolean> {
    const known = this.answers.get(owner);
    const now = performance.now();
    if (known && now < known.until) return known.isAlive;
    const isAlive = this.link
      .send(() => this.link.client.eval(IS_ALIVE, 1, this.key, owner, ALIVE_S))
      .then((answer) => answer === 1);
    isAlive.catch(() => this.answers.delete(owner));
    if (this.answers.size >= MOST_ANSWERS) this.answers.clear();
    this.answers.set(owner, { isAlive, until: now + ANSWER_MS });
    return isAlive;
  }

  private beat(): void {
    // While Redis is away there is nobody to tell, and what was written would wait in memory.
    if (this.link.client.status !== 'ready') return;
    for (const owner of this.owners) this.sendBeat(owner).catch(this.report);
  }

  private sendBeat(owner: string): Promise<unknown> {
    return this.link.send(() => this.link.client.eval(BEAT, 1, this.key, owner, GONE_S));
  }

  private readonly report = (error: unknown): void => this.link.report(error);
}
