import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where the shop keeps its runs: what to tell it, and how to say it to a person. */
export interface Histories {
  readonly environment: Readonly<Record<string, string>>;
  readonly place: string;
}

const POSTGRES = 'postgres://postgres:postgres@127.0.0.1:5432/postgres';
const REDIS = 'redis://127.0.0.1:6379';

/**
 * A place of this demo's own, of the kind that PYWORKFLOW_STORAGE names. What the last demo left in the directory is
 * removed; in a server, the runs of each demo stand apart. A server is looked for where the tests look for it, unless a
 * variable of the package says where it is.
 */
export function historiesIn(directory: string, environment = process.env): Histories {
  const { PYWORKFLOW_POSTGRES_URL, PYWORKFLOW_REDIS_STORAGE_URL, PYWORKFLOW_REDIS_URL } = environment;
  const { DATABASE_URL, REDIS_URL } = environment;
  const usual = PYWORKFLOW_POSTGRES_URL ? 'postgres' : 'sqlite';
  const storage = environment['PYWORKFLOW_STORAGE'] || usual;
  const database = join(directory, 'shop.db');
  const runs = join(directory, 'runs');
  const name = `demo_${Date.now()}`;
  const schema = environment['PYWORKFLOW_POSTGRES_SCHEMA'] || name;
  const prefix = environment['PYWORKFLOW_REDIS_STORAGE_PREFIX'] || `{${name}}:`;
  for (const end of ['', '-wal', '-shm', '.lock']) rmSync(database + end, { force: true });
  rmSync(runs, { recursive: true, force: true });
  switch (storage) {
    case 'sqlite':
      return { environment: { PYWORKFLOW_SQLITE_PATH: database }, place: `${database}, an SQLite file` };
    case 'file':
      return { environment: { PYWORKFLOW_FILE_PATH: runs }, place: `${runs}, a file for each run` };
    case 'postgres':
      return {
        environment: {
          PYWORKFLOW_POSTGRES_URL: PYWORKFLOW_POSTGRES_URL || DATABASE_URL || POSTGRES,
          PYWORKFLOW_POSTGRES_SCHEMA: schema,
        },
        place: `schema ${schema} of PostgreSQL`,
      };
    case 'redis':
      return {
        environment: {
          PYWORKFLOW_REDIS_STORAGE_URL: PYWORKFLOW_REDIS_STORAGE_URL || PYWORKFLOW_REDIS_URL || REDIS_URL || REDIS,
          PYWORKFLOW_REDIS_STORAGE_PREFIX: prefix,
        },
        place: `keys ${prefix}* of Redis`,
      };
    default:
      return { environment: {}, place: `storage of type ${storage}` };
  }
}
