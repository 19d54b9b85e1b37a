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
  let store: TypeOrmStore;

  async function open(): Promise<TypeOrmStore> {
    store = new TypeOrmStore({ type: 'postgres', url, ...options });
    await store.open();
    return store;
  }

  beforeAll(async () => {
    url = await createPostgresDatabase();
    await open();
  });
  afterAll(() => store.close());

  describeStoreContract(`TypeOrmStore on PostgreSQL${name}`, async () => {
    // To connect takes longer than most of these tests.
    if (!(await isOpen(store))) await open();
    const prefix = options.schema ? `"${options.schema}".` : '';
    // Cheaper than TRUNCATE, which gives each table and index a new file.
    await store.dataSource.query(TABLES.map((table) => `DELETE FROM ${prefix}workflow_${table}`).join(';'));
    return {
      store,
      reopen: async () => {
        await store.close();
        return open();
      },
      cleanup: async () => {},
    };
  });
}

/** Tests may close it. */
function isOpen(store: TypeOrmStore): Promise<boolean> {
  return store.runs.get('').then(
    () => true,
    () => false,
  );
}
