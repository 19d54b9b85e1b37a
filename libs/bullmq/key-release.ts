import { setImmediate } from 'node:timers';
import type { Job } from 'bullmq';
import type { RedisLink } from './redis-link.js';

/** What BullMQ does for one job: a key that another job has taken since stays. */
const FREE = `
for index, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[index] then redis.call('DEL', key) end
end`;

/** Frees the keys of the messages that are taken in one turn, with one command. */
export class KeyRelease {
  private waiting: [key: string, jobId: string][] = [];
  private next: Promise<void> | undefined;

  /** @param toKey the key in Redis of something that belongs to the queue */
  constructor(
    private readonly link: RedisLink,
    private readonly toKey: (name: string) => string,
  ) {}

  /** Resolves when the next message with the key of this one is another one. Rejects if Redis does not say so. */
  free({ id, deduplicationId }: Job): Promise<void> {
    if (id === undefined || deduplicationId === undefined) return Promise.resolve();
    this.waiting.push([this.toKey(`de:${deduplicationId}`), id]);
    return (this.next ??= this.sendNext());
  }

  private async sendNext(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const taken = this.waiting;
    this.waiting = [];
    this.next = undefined;
    const [keys, jobIds] = [taken.map(([key]) => key), taken.map(([, jobId]) => jobId)];
    await this.link.client.eval(FREE, keys.length, ...keys, ...jobIds);
  }
}
