import { Redis, type RedisOptions } from 'ioredis';
import { InvalidInputError } from '../core/index.js';

/** How to reach Redis: a URL, or what BullMQ takes for one server. */
export type RedisConnection = string | (RedisOptions & { readonly url?: string }) | Redis;

const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_RETRY_MS = 2_000;
/** Behind a firewall that drops idle connections, and to notice a server that has vanished. */
const KEEP_ALIVE_MS = 10_000;

/** What may be stated otherwise. */
const DEFAULTS: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: KEEP_ALIVE_MS,
  retryStrategy: (times: number) => Math.min(times * 100, LONGEST_RETRY_MS),
};

/**
 * What may not: BullMQ wants its commands to outlive an outage, and what we send ourselves is bounded by us; our keys
 * have a prefix already; and nobody else connects this connection.
 */
const FIXED: RedisOptions = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  lazyConnect: false,
  keyPrefix: '',
};

/** A connection of our own to the server that is meant. @throws InvalidInputError unless ioredis can reach it so */
export function connectTo(connection: RedisConnection): Redis {
  if (typeof connection === 'string') return new Redis(connection, { ...DEFAULTS, ...FIXED });
  const { url, ...options } = isClient(connection) ? optionsOf(connection) : connection;
  const all = { ...DEFAULTS, ...options, ...FIXED };
  return url === undefined ? new Redis(all) : new Redis(url, all);
}

/** Also of another copy of ioredis than ours, or of another package. */
function isClient(connection: object): connection is Redis {
  return typeof Reflect.get(connection, 'duplicate') === 'function';
}

function optionsOf(client: Redis): RedisOptions & { readonly url?: never } {
  if (!client.isCluster && 'status' in client && 'options' in client) return client.options;
  throw new InvalidInputError(
    'The connection of a queue must be a URL, options of ioredis, or a client of ioredis for one server. ' +
      'It is a client of a Redis Cluster, or of another package.',
  );
}
