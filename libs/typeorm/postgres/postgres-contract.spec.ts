import { createPostgresDatabase } from '../../../test/services/index.js';
import { describeStoreContract } from '../../testing/index.js';
import { TypeOrmStore } from '../typeorm.store.js';

const TABLES = ['run', 'run_tag', 'event', 'inbox', 'hook', 'heartbeat', 'process'];

function describeOn(name: string, options: { poolSize?: number; schema?: string; preparedStatements?: boolean }): void {
  let url: string;

  beforeAll(async () => {
    url = await createPostgresDatabase();
  });

  describeStoreContract(`TypeOrmStore on PostgreSQL${name}`, async () => {
    let store: TypeOrmStore;
    const open = async (): Promise<TypeOrmStore> => {
      store = new TypeOrmStore({ type: 'postgres', url, ...options });
      await store.open();
      return store;
    };
    await open();
    const prefix = options.schema ? `"${options.schema}".` : '';
    // Cheaper than TRUNCATE, which gives each table and index a new file.
    await store!.dataSource.query(TABLES.map((table) => `DELETE FROM ${prefix}workflow_${table}`).join(';'));
    return {
      store: store!,
      reopen: async () => {
        await store.close();
        return open();
      },
      cleanup: () => store.close(),
    };
  });
}

describe('a pool of the default size', () => {
  describeOn('', {});
});

describe('a pool of two', () => {
  describeOn(' with two connections', { poolSize: 2 });
});

describe('a schema, and no prepared statements', () => {
  describeOn(' in a schema, unprepared', { schema: 'Flows', preparedStatements: false });
});
