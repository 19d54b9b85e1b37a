import type { ModuleRef } from '@nestjs/core';
import { durationToMs, WorkflowStore } from '../../libs/core/index.js';
import type { FileStoreOptions } from '../../libs/file/index.js';
import type { RedisStoreOptions } from '../../libs/redis/index.js';
import type {
  PostgresStoreOptions,
  SharedStoreOptions,
  SqliteStoreOptions,
  TypeOrmStoreOptions,
} from '../../libs/typeorm/index.js';
import { MemoryStore } from '../../libs/memory/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { show } from '../checks/show.js';
import type {
  NamedStorage,
  PostgresStorage,
  RedisStorage,
  SharedStorage,
  SqliteStorage,
  StorageOptions,
} from '../options/storage.options.js';
import { explainMissingPackage } from './missing-package.js';

/** The store that the options ask for, not open yet. */
export async function makeStore(
  storage: StorageOptions,
  moduleRef: ModuleRef,
  load = loadTypeOrm,
  loadRedis = loadRedisStore,
): Promise<WorkflowStore> {
  if (storage instanceof WorkflowStore) return storage;
  if (typeof storage === 'function') return moduleRef.create(storage);
  switch (storage.type) {
    case 'memory':
      return new MemoryStore();
    case 'file': {
      const { FileStore } = await import('../../libs/file/index.js');
      // They are checked and complete.
      return new FileStore(storage as FileStoreOptions);
    }
    case 'provider':
      return providedStore(moduleRef.get<unknown>(storage.token, { strict: false }));
    case 'redis': {
      const { RedisStore } = await loadRedis().catch(explain(storage));
      return new RedisStore(inMilliseconds(storage) as RedisStoreOptions);
    }
    case 'sqlite':
    case 'postgres':
    case 'typeorm': {
      const { TypeOrmStore } = await load().catch(explain(storage));
      return new TypeOrmStore(typeOrmOptions(storage));
    }
  }
}

/** In the words of the adapter; they are checked and complete. */
function typeOrmOptions(storage: SqliteStorage | PostgresStorage | SharedStorage): TypeOrmStoreOptions {
  if (storage.type === 'typeorm') {
    const { dataSource, listen } = storage;
    return { dataSource: dataSource as SharedStoreOptions['dataSource'], ...(listen !== undefined && { listen }) };
  }
  if (storage.type === 'sqlite') return storage as SqliteStoreOptions;
  return inMilliseconds(storage) as PostgresStoreOptions;
}

function inMilliseconds({ retryFor, ...options }: PostgresStorage | RedisStorage): object {
  return { ...options, ...(retryFor === undefined ? undefined : { retryForMs: durationToMs(retryFor) }) };
}

function providedStore(value: unknown): WorkflowStore {
  if (value instanceof WorkflowStore) return value;
  throw new PyWorkflowConfigError([`the provider that storage names is ${show(value)}, and not a WorkflowStore.`]);
}

/** Loaded when it is needed, so that applications with another store need no TypeORM. */
function loadTypeOrm() {
  return import('../../libs/typeorm/index.js');
}

function loadRedisStore() {
  return import('../../libs/redis/index.js');
}

const PACKAGES: Readonly<Record<string, string>> = {
  sqlite: 'typeorm libsql',
  postgres: 'typeorm pg',
  typeorm: 'typeorm pg',
  redis: 'ioredis',
};

function explain({ type }: NamedStorage): (error: unknown) => never {
  return explainMissingPackage(
    `storage of type '${type}'${type === 'sqlite' ? ', which is the default,' : ''}`,
    `Run: npm install ${PACKAGES[type]}. Or use storage: { type: 'memory' }, which loses its runs with the process.`,
  );
}
