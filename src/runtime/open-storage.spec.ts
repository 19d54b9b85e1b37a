import type { ModuleRef } from '@nestjs/core';
import { FileStore } from '../../libs/file/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { makeStore } from './open-storage.js';

const moduleRef = {} as ModuleRef;
const sqlite = { type: 'sqlite', path: 'x.db' } as const;

const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};

describe('makeStore', () => {
  it('names the packages to install when SQLite is asked for without them', async () => {
    const missing = new Error(
      "Cannot find package 'typeorm' imported from /app/node_modules/nestjs-pyworkflow/dist/x.js",
    );
    const made = makeStore(sqlite, moduleRef, failing(missing));
    await expect(made).rejects.toThrow(PyWorkflowConfigError);
    await expect(made).rejects.toThrow(
      'needs the package "typeorm", which is not installed. Run: npm install typeorm libsql.',
    );
  });

  it('hands options on in the words of the adapter', async () => {
    const url = 'postgres://localhost/nowhere';
    const store = await makeStore({ type: 'postgres', url, retryFor: '2s' }, moduleRef);
    expect(store.exclusive).toBe(false);
    const dataSource = { isInitialized: false, options: { type: 'oracle' } };
    await expect(makeStore({ type: 'typeorm', dataSource }, moduleRef)).rejects.toThrow(
      'cannot use a DataSource of type "oracle"',
    );
  });

  it('makes a store of files', async () => {
    const store = await makeStore({ type: 'file', path: 'runs' }, moduleRef, failing(new Error('not asked for')));
    expect(store).toBeInstanceOf(FileStore);
  });

  it('does not hide other faults of the adapter', async () => {
    await expect(makeStore(sqlite, moduleRef, failing(new TypeError('broken')))).rejects.toThrow(TypeError);
  });

  it('loads no adapter for memory', async () => {
    const store = await makeStore({ type: 'memory' }, moduleRef, failing(new Error('not asked for')));
    expect(store.exclusive).toBe(true);
  });
});
