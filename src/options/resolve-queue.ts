import { WorkflowQueue } from '../../libs/core/index.js';
import type { Role } from '../../libs/runtime/index.js';
import { aDuration, anInteger, aText, faultsOf, type Rule, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';
import { suggest } from '../checks/suggest.js';
import { queueFromEnvironment } from './environment.js';
import type { BullMqQueueChoice, QueueChoice } from './queue.options.js';
import { servesOneProcess } from './resolve-storage.js';
import type { NamedStorage, RedisStorage, StorageOptions } from './storage.options.js';

const given: Rule = () => undefined;

const RULES: Readonly<Record<string, Rules>> = {
  'in-process': { type: given },
  bullmq: { type: given, url: given, connection: given, prefix: aText },
};

/** The queue that is asked for, with what the environment says of it; in process if nothing is. */
export function withQueueDefaults(queue: unknown, environment: NodeJS.ProcessEnv): QueueChoice {
  if (queue === undefined) return { type: 'in-process' };
  if (typeOf(queue) !== 'bullmq') return queue as QueueChoice;
  const stated = Object.fromEntries(Object.entries(queue as object).filter(([, value]) => value !== undefined));
  const { url, ...rest } = queueFromEnvironment(environment);
  // Who states a connection wants that one, and the variable may be meant for a storage.
  return { ...rest, ...(url === undefined || 'connection' in stated ? {} : { url }), ...stated } as QueueChoice;
}

/** Whether messages reach other processes. */
function reachesOthers(queue: QueueChoice): boolean {
  return typeOf(queue) !== 'in-process';
}

/** The type of one of our queues, or whatever stands in its place. */
function typeOf(queue: unknown): unknown {
  const isNamed = typeof queue === 'object' && queue !== null && !(queue instanceof WorkflowQueue);
  return isNamed ? Reflect.get(queue, 'type') : undefined;
}

export function queueFaults(queue: unknown): readonly string[] {
  if (queue instanceof WorkflowQueue) return [];
  const words = "queue must be { type: 'in-process' }, { type: 'bullmq', url } or a WorkflowQueue";
  const type = typeOf(queue);
  if (typeof type !== 'string' || !Object.hasOwn(RULES, type)) {
    if (typeof type !== 'string') return [`${words}; it is ${show(queue)}.`];
    return [`${words}; its type is ${show(type)}.${suggest(type, Object.keys(RULES))}`];
  }
  const faults = faultsOf(`queue of type '${type}'`, queue, RULES[type]!);
  return [...faults, ...placeFaults(queue as object)];
}

/** Of a BullMQ queue. A URL has a password in it, which no message must show. */
function placeFaults(queue: object): readonly string[] {
  const faults: string[] = [];
  const url: unknown = Reflect.get(queue, 'url');
  const connection: unknown = Reflect.get(queue, 'connection');
  if (url !== undefined && !(typeof url === 'string' && /^rediss?:\/\//.test(url))) {
    faults.push(
      "queue of type 'bullmq': url must be the URL of a Redis, such as redis://user:password@host:6379/0 (url, or PYWORKFLOW_REDIS_URL).",
    );
  }
  if (connection !== undefined && (typeof connection !== 'object' || connection === null))
    faults.push(
      "queue of type 'bullmq': connection must be what BullMQ takes, such as { host, port } or { url }. A URL alone is the option url.",
    );
  if (url !== undefined && connection !== undefined)
    faults.push("queue of type 'bullmq': url and connection say the same thing. Leave one of them out.");
  return faults;
}

export function namedQueueFaults(queues: unknown): readonly string[] {
  if (queues === undefined) return [];
  if (typeof queues !== 'object' || queues === null || Array.isArray(queues)) {
    return [`queues must be an object such as { emails: { concurrency: 5 } }; it is ${show(queues)}.`];
  }
  return Object.entries(queues).flatMap(([name, queue]) =>
    faultsOf(`queue ${show(name)}`, queue, { concurrency: anInteger(1), rateLimit: aRateLimit }),
  );
}

const aRateLimit: Rule = (value) => {
  const faults = faultsOf('rateLimit', value, { max: anInteger(1), per: aDuration(1) });
  const isWhole = typeof value === 'object' && value !== null && 'max' in value && 'per' in value;
  return faults.length === 0 && isWhole ? undefined : "an object such as { max: 10, per: '1s' }";
};

/** Both keep what processes announce under `<prefix>:processes`. */
export function prefixFaults(queue: QueueChoice, storage: StorageOptions): readonly string[] {
  // Either may be anything still, which others complain about.
  const { type, prefix } = (queue ?? {}) as Partial<BullMqQueueChoice>;
  const { type: storageType, keyPrefix } = (storage ?? {}) as Partial<RedisStorage>;
  if (type !== 'bullmq' || storageType !== 'redis' || prefix === undefined || `${prefix}:` !== keyPrefix) return [];
  return [
    `the keys of the queue (prefix ${show(prefix)}) and of the storage (keyPrefix ${show(keyPrefix)}) begin alike, so they would meet in one Redis. Give one of them another, such as keyPrefix: '{${prefix}}:'.`,
  ];
}

/** Roles other than `all` share their work with other processes. */
export function roleFaults(role: Role | undefined, queue: QueueChoice, storage: StorageOptions): readonly string[] {
  if (role !== 'client' && role !== 'orchestrator' && role !== 'step-worker') return [];
  const faults: string[] = [];
  if (servesOneProcess(storage)) {
    const { type } = storage as NamedStorage;
    faults.push(
      `role '${role}' needs a store that several processes share: storage of type '${type}' serves one process. Use role 'all', or storage of type 'postgres' or 'redis'.`,
    );
  }
  if (role !== 'client' && !reachesOthers(queue)) {
    faults.push(
      `role '${role}' needs a queue between processes, such as queue: { type: 'bullmq' } (PYWORKFLOW_QUEUE=bullmq). Without one, use role 'all'.`,
    );
  }
  return faults;
}
