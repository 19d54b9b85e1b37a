import type { ModuleRef } from '@nestjs/core';
import { PyWorkflowConfigError } from '../checks/config.error.js';

const moduleRef = {} as ModuleRef;

describe('makeStore', () => {
  it('names the packages to install when SQLite is asked for without them', async () => {
    jest.unstable_mockModule('../../libs/typeorm/index.js', () => {
      throw new Error(
        "Cannot find package 'typeorm' imported from /app/node_modules/nestjs-pyworkflow/dist/libs/typeorm/index.js",
      );
    });
    const { makeStore } = await import('./open-storage.js');
    const made = makeStore({ type: 'sqlite', path: 'x.db' }, moduleRef);
    await expect(made).rejects.toThrow(
      `storage of type 'sqlite', which is the default, needs the package "typeorm", which is not installed. Run: npm install typeorm libsql.`,
    );
    await expect(made).rejects.toMatchObject({ code: 'CONFIG' });
    expect((await makeStore({ type: 'memory' }, moduleRef)).exclusive).toBe(true);
    expect(PyWorkflowConfigError).toBeDefined();
  });

  it('does not hide other faults of the adapter', async () => {
    jest.resetModules();
    jest.unstable_mockModule('../../libs/typeorm/index.js', () => {
      throw new TypeError('broken');
    });
    const { makeStore } = await import('./open-storage.js');
    await expect(makeStore({ type: 'sqlite', path: 'x.db' }, moduleRef)).rejects.toThrow('broken');
  });
});
