import type { ModuleRef } from '@nestjs/core';
import { WorkflowStore } from '../../libs/core/index.js';
import { MemoryStore } from '../../libs/memory/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { show } from '../checks/show.js';
import type { StorageOptions } from '../options/pyworkflow.options.js';

/** The store that the options ask for, not open yet. */
export async function makeStore(storage: StorageOptions, moduleRef: ModuleRef): Promise<WorkflowStore> {
  if (storage instanceof WorkflowStore) return storage;
  if (typeof storage === 'function') return moduleRef.create(storage);
  switch (storage.type) {
    case 'memory':
      return new MemoryStore();
    case 'provider':
      return providedStore(moduleRef.get<unknown>(storage.token, { strict: false }));
    case 'sqlite': {
      // Loaded here, so that applications with another store need no TypeORM.
      const { TypeOrmStore } = await loadTypeOrm();
      return new TypeOrmStore(storage as { type: 'sqlite'; path: string });
    }
  }
}

function providedStore(value: unknown): WorkflowStore {
  if (value instanceof WorkflowStore) return value;
  throw new PyWorkflowConfigError([`the provider that storage names is ${show(value)}, and not a WorkflowStore.`]);
}

async function loadTypeOrm() {
  try {
    return await import('../../libs/typeorm/index.js');
  } catch (error) {
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(error instanceof Error ? error.message : '')?.[1];
    if (missing === undefined) throw error;
    throw new PyWorkflowConfigError([
      `storage of type 'sqlite', which is the default, needs the package "${missing}", which is not installed. ` +
        "Run: npm install typeorm libsql. Or use storage: { type: 'memory' }, which loses its runs with the process.",
    ]);
  }
}
