import { createPostgresDatabase } from '../../../test/services/index.js';
import { describeStoreContract } from '../../testing/index.js';
import { TypeOrmStore } from '../typeorm.store.js';

const TABLES = ['run', 'run_tag', 'event', 'inbox', 'hook', 'heartbeat', 'process'];

interface Variant {
  readonly poolSize?: number;
  readonly schema?: string;
  readonly preparedStatements?: boolean;
}

/** The contract of stores, on a real server. */
export function describePostgresContract(name: string, options: Variant = {}): void {
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
