import type { PyWorkflowOptions } from './pyworkflow.options.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Field = keyof PyWorkflowOptions;

const TEXTS: Readonly<Record<string, Field>> = {
  PYWORKFLOW_ROLE: 'role',
  PYWORKFLOW_LEASE: 'lease',
  PYWORKFLOW_RECOVERY_INTERVAL: 'recoveryInterval',
  PYWORKFLOW_SESSION_IDLE: 'sessionIdle',
  PYWORKFLOW_SHUTDOWN_GRACE: 'shutdownGrace',
  PYWORKFLOW_ON_CHANGED_INPUT: 'onChangedInput',
  PYWORKFLOW_PUBLIC_URL: 'publicUrl',
};

const NUMBERS: Readonly<Record<string, Field>> = {
  PYWORKFLOW_STEP_CONCURRENCY: 'stepConcurrency',
  PYWORKFLOW_MAX_PAYLOAD_BYTES: 'maxPayloadBytes',
  PYWORKFLOW_MAX_RECOVERY_ATTEMPTS: 'maxRecoveryAttempts',
  PYWORKFLOW_EVENT_WARNING: 'eventWarning',
  PYWORKFLOW_EVENT_LIMIT: 'eventLimit',
};

const BOOLEANS: Readonly<Record<string, Field>> = {
  PYWORKFLOW_GUARD_GLOBALS: 'guardGlobals',
};

const COMPACTION = 'PYWORKFLOW_COMPACTION';
const STORAGE = 'PYWORKFLOW_STORAGE';
const SQLITE_PATH = 'PYWORKFLOW_SQLITE_PATH';
const SQLITE_SYNCHRONOUS = 'PYWORKFLOW_SQLITE_SYNCHRONOUS';
const FILE_PATH = 'PYWORKFLOW_FILE_PATH';
const FILE_SYNCHRONOUS = 'PYWORKFLOW_FILE_SYNCHRONOUS';
const POSTGRES_URL = 'PYWORKFLOW_POSTGRES_URL';
const POSTGRES_SCHEMA = 'PYWORKFLOW_POSTGRES_SCHEMA';
const POSTGRES_POOL_SIZE = 'PYWORKFLOW_POSTGRES_POOL_SIZE';
const REDIS_STORAGE_URL = 'PYWORKFLOW_REDIS_STORAGE_URL';
const REDIS_STORAGE_PREFIX = 'PYWORKFLOW_REDIS_STORAGE_PREFIX';
/** For all that uses Redis and has no variable of its own, or leaves it empty. */
const REDIS_URL = 'PYWORKFLOW_REDIS_URL';
const QUEUE = 'PYWORKFLOW_QUEUE';
const QUEUE_PREFIX = 'PYWORKFLOW_QUEUE_PREFIX';

/** Of the programs that run an application's module: see `src/bootstrap`. */
const PROGRAMS = ['PYWORKFLOW_APP_MODULE', 'PYWORKFLOW_HEALTH_PORT', 'PYWORKFLOW_HEALTH_HOST'];

export const ENVIRONMENT_VARIABLES: readonly string[] = [
  ...PROGRAMS,
  ...Object.keys(TEXTS),
  ...Object.keys(NUMBERS),
  ...Object.keys(BOOLEANS),
  COMPACTION,
  STORAGE,
  SQLITE_PATH,
  SQLITE_SYNCHRONOUS,
  FILE_PATH,
  FILE_SYNCHRONOUS,
  POSTGRES_URL,
  POSTGRES_SCHEMA,
  POSTGRES_POOL_SIZE,
  REDIS_STORAGE_URL,
  REDIS_STORAGE_PREFIX,
  REDIS_URL,
  QUEUE,
  QUEUE_PREFIX,
];

/** A value that came from the environment, and the variable it came from. */
export interface EnvironmentOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** The variable that filled an option. */
  readonly sources: Readonly<Record<string, string>>;
}

/** The options that environment variables fill. An empty variable is none. */
export function optionsFromEnvironment(environment: Environment): EnvironmentOptions {
  const options: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const fill = (variable: string, field: string, read: (text: string) => unknown): void => {
    const text = environment[variable]?.trim();
    if (!text) return;
    options[field] = read(text);
    sources[field] = variable;
  };
  for (const [variable, field] of Object.entries(TEXTS)) fill(variable, field, (text) => text);
  for (const [variable, field] of Object.entries(NUMBERS)) fill(variable, field, numberOf);
  for (const [variable, field] of Object.entries(BOOLEANS)) fill(variable, field, booleanOf);
  fill(COMPACTION, 'compaction', (text) => (text === 'false' ? false : numberOf(text)));
  fill(STORAGE, 'storage', (type) => ({ type }));
  fill(QUEUE, 'queue', (type) => ({ type }));
  return { options, sources };
}

interface PlaceOnDisk {
  path?: string;
  synchronous?: string;
}

/** What the environment says of an SQLite file whose options leave it out. */
export function sqliteFromEnvironment(environment: Environment): PlaceOnDisk {
  return placeOnDisk(environment[SQLITE_PATH], environment[SQLITE_SYNCHRONOUS]);
}

/** What the environment says of a directory of files whose options leave it out. */
export function fileFromEnvironment(environment: Environment): PlaceOnDisk {
  return placeOnDisk(environment[FILE_PATH], environment[FILE_SYNCHRONOUS]);
}

function placeOnDisk(givenPath: string | undefined, givenSynchronous: string | undefined): PlaceOnDisk {
  const path = givenPath?.trim();
  const synchronous = givenSynchronous?.trim();
  return {
    ...(path ? { path } : undefined),
    ...(synchronous ? { synchronous: synchronous.toUpperCase() } : undefined),
  };
}

/** What the environment says of a PostgreSQL database whose options leave it out. */
export function postgresFromEnvironment(environment: Environment): {
  url?: string;
  schema?: string;
  poolSize?: unknown;
} {
  const url = environment[POSTGRES_URL]?.trim();
  const schema = environment[POSTGRES_SCHEMA]?.trim();
  const poolSize = environment[POSTGRES_POOL_SIZE]?.trim();
  return {
    ...(url ? { url } : undefined),
    ...(schema ? { schema } : undefined),
    ...(poolSize ? { poolSize: numberOf(poolSize) } : undefined),
  };
}

/** What the environment says of a Redis storage whose options leave it out. */
export function redisFromEnvironment(environment: Environment): { url?: string; keyPrefix?: string } {
  const url = environment[REDIS_STORAGE_URL]?.trim() || environment[REDIS_URL]?.trim();
  const keyPrefix = environment[REDIS_STORAGE_PREFIX]?.trim();
  return { ...(url ? { url } : undefined), ...(keyPrefix ? { keyPrefix } : undefined) };
}

/** What the environment says of a BullMQ queue whose options leave it out. */
export function queueFromEnvironment(environment: Environment): { url?: string; prefix?: string } {
  const url = environment[REDIS_URL]?.trim();
  const prefix = environment[QUEUE_PREFIX]?.trim();
  return { ...(url ? { url } : undefined), ...(prefix ? { prefix } : undefined) };
}

/** A text that is no number is left as it is, for the check to refuse. */
function numberOf(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** As with numbers. */
function booleanOf(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}
