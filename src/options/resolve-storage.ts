import { WorkflowStore } from '../../libs/core/index.js';
import { aBoolean, aDuration, anInteger, aText, faultsOf, oneOf, type Rule, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';
import { suggest } from '../checks/suggest.js';
import {
  fileFromEnvironment,
  postgresFromEnvironment,
  redisFromEnvironment,
  sqliteFromEnvironment,
} from './environment.js';
import type { NamedStorage, StorageOptions } from './storage.options.js';

const DEFAULT_SQLITE_PATH = './.pyworkflow/workflows.db';
const DEFAULT_FILE_PATH = './.pyworkflow/runs';

/** Fills what the options of a storage leave out, from the environment and from the defaults. */
export function withStorageDefaults(given: unknown, environment: NodeJS.ProcessEnv): StorageOptions {
  const postgres = postgresFromEnvironment(environment);
  const storage = given ?? { type: 'url' in postgres ? 'postgres' : 'sqlite' };
  switch (typeOf(storage)) {
    case 'sqlite':
      return fill(storage, { path: DEFAULT_SQLITE_PATH, ...sqliteFromEnvironment(environment) });
    case 'file':
      return fill(storage, { path: DEFAULT_FILE_PATH, ...fileFromEnvironment(environment) });
    case 'postgres':
      return fill(storage, postgres);
    case 'redis':
      return fill(storage, redisFromEnvironment(environment));
    default:
      return storage as StorageOptions;
  }
}

function fill(storage: unknown, defaults: object): StorageOptions {
  const stated = Object.entries(storage as object).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(stated) } as NamedStorage;
}

/** The type of one of our storages, or whatever stands in its place. */
function typeOf(storage: unknown): unknown {
  const isNamed = typeof storage === 'object' && storage !== null && !(storage instanceof WorkflowStore);
  return isNamed ? Reflect.get(storage, 'type') : undefined;
}

/** Whether only this process can use the storage. */
export function servesOneProcess(storage: StorageOptions): boolean {
  return ['sqlite', 'file', 'memory'].includes(typeOf(storage) as string);
}

const given: Rule = () => undefined;
/** A scheme, such as `file:`, of which the system would make a directory. One letter is a drive of Windows. */
const URL_LIKE = /^[a-z][a-z\d+.-]+:/i;
const aPathOf =
  (what: string): Rule =>
  (value) =>
    typeof value === 'string' && value.trim() !== '' && !value.includes('\0') && !URL_LIKE.test(value)
      ? undefined
      : `the path of a ${what}, and no URL`;
const aToken: Rule = (value) =>
  ['string', 'symbol', 'function'].includes(typeof value) ? undefined : 'the token of a provider of a WorkflowStore';
const aDataSource: Rule = (value) =>
  typeof value === 'object' && value !== null && 'options' in value ? undefined : 'a TypeORM DataSource';

/** PostgreSQL cuts longer names, so that two of them may be one. */
const aSchema: Rule = (value) =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 63
    ? undefined
    : 'the name of a schema, of at most 63 bytes';

const RULES: Readonly<Record<NamedStorage['type'], Rules>> = {
  sqlite: { type: given, path: aPathOf('file'), synchronous: oneOf('FULL', 'NORMAL') },
  file: { type: given, path: aPathOf('directory'), synchronous: oneOf('FULL', 'NORMAL') },
  // The URL is checked by itself: it has a password in it, which no message must show.
  postgres: {
    type: given,
    url: given,
    schema: aSchema,
    poolSize: anInteger(1),
    retryFor: aDuration(),
    preparedStatements: aBoolean,
    listen: aBoolean,
  },
  redis: { type: given, url: given, keyPrefix: aText, retryFor: aDuration(), listen: aBoolean },
  typeorm: { type: given, dataSource: aDataSource, listen: aBoolean },
  memory: { type: given },
  provider: { type: given, token: aToken },
};

const NEEDED: Readonly<Record<string, string>> = { typeorm: 'dataSource', provider: 'token' };

interface Address {
  readonly name: string;
  readonly pattern: RegExp;
  readonly example: string;
  readonly variable: string;
}

const URLS: Readonly<Record<string, Address>> = {
  postgres: {
    name: 'PostgreSQL',
    pattern: /^postgres(ql)?:\/\//,
    example: 'postgres://user:password@host:5432/database',
    variable: 'PYWORKFLOW_POSTGRES_URL',
  },
  redis: {
    name: 'Redis',
    pattern: /^rediss?:\/\//,
    example: 'redis://user:password@host:6379/0',
    variable: 'PYWORKFLOW_REDIS_STORAGE_URL or PYWORKFLOW_REDIS_URL',
  },
};

export function storageFaults(storage: unknown): readonly string[] {
  if (storage instanceof WorkflowStore) return [];
  if (typeof storage === 'function') {
    if (storage.prototype instanceof WorkflowStore) return [];
    return [`storage is ${show(storage)}, which does not extend WorkflowStore.`];
  }
  const words =
    "storage must be { type: 'sqlite', path }, { type: 'postgres', url }, { type: 'redis', url }, { type: 'file', path }, { type: 'typeorm', dataSource }, { type: 'memory' }, " +
    "{ type: 'provider', token }, or a WorkflowStore as instance or class";
  const type = typeOf(storage);
  if (typeof type === 'string' && Object.hasOwn(RULES, type)) return namedFaults(type, storage as object);
  if (typeof storage !== 'object' || storage === null) return [`${words}; it is ${show(storage)}.`];
  return [`${words}; its type is ${show(type)}.${typeof type === 'string' ? suggest(type, Object.keys(RULES)) : ''}`];
}

function namedFaults(type: string, storage: object): readonly string[] {
  const faults = faultsOf(`storage of type '${type}'`, storage, RULES[type as NamedStorage['type']]);
  const needed = NEEDED[type];
  if (needed !== undefined && Reflect.get(storage, needed) === undefined) {
    faults.push(`storage of type '${type}' needs its ${needed}.`);
  }
  const address = URLS[type];
  if (address) faults.push(...urlFaults(type, address, Reflect.get(storage, 'url')));
  return faults;
}

function urlFaults(type: string, { name, pattern, example, variable }: Address, url: unknown): readonly string[] {
  if (typeof url === 'string' && pattern.test(url) && URL.canParse(url)) return [];
  const what = url === undefined ? 'has no url' : `has a url that is not one of ${name}`;
  return [`storage of type '${type}' ${what}: pass one such as ${example}, or set ${variable}.`];
}
