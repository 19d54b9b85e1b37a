import { MemoryStore } from '../memory/index.js';
import { deferred, type TestProcess, World } from './runtime.spec-helpers.js';
import { type QueueEnd, SharedQueue } from './shared-queue.spec-helpers.js';

/** Processes that share a store and a queue. */
export function cluster(store = new MemoryStore({ exclusive: false })) {
  const world = new World(store);
  const queue = new SharedQueue();
  world.sharedQueue = queue;
  return { world, queue, store };
}

export const LEASE = 15_000;
export const orchestrator = { role: 'orchestrator' } as const;
export const worker = { role: 'step-worker' } as const;

/** A process that stands still: it takes no messages, and nothing that it asks of the store gets there until it goes on. */
export function freeze(process: TestProcess): () => void {
  const { store } = process.ports;
  const queue = process.ports.queue as QueueEnd;
  queue.isOpen = false;
  const thawed = deferred<void>();
  const frozen = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await thawed.promise;
        return (value as (...more: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  Object.assign(process.ports, { store: frozen });
  return () => {
    queue.isOpen = true;
    thawed.resolve();
  };
}
