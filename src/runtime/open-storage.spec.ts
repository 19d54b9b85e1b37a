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

  it('names the package to install when Redis is asked for without it', async () => {
    const missing = new Error(
      "Cannot find package 'ioredis' imported from /app/node_modules/nestjs-pyworkflow/dist/x.js",
    );
    const made = makeStore({ type: 'redis', url: 'redis://localhost' }, moduleRef, undefined, failing(missing));
    await expect(made).rejects.toThrow(
      'needs the package "ioredis", which is not installed. Run: npm install ioredis.',
    );
  });

  it('hands options on in the words of the adapter', async () => {
    const url = 'postgres://localhost/nowhere';
    const store = await makeStore({ type: 'postgres', url, retryFor: '2s' }, moduleRef);
    expect(store.exclusive).toBe(false);
    const redis = await makeStore({ type: 'redis', url: 'redis://localhost', retryFor: '2s' }, moduleRef);
    expect(redis.exclusive).toBe(false);
    await expect(makeStore({ type: 'redis', url: 'nonsense' }, moduleRef)).rejects.toThrow('is no Redis URL');
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
