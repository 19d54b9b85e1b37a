import pg from 'pg';
import { postmasterOf } from './processes.js';

/** Looks at a database from a connection to another one, so that it does not count itself. */
export class PostgresMonitor {
  private constructor(
    private readonly client: pg.Client,
    private readonly database: string,
    /** The server's first process, if it is on this machine. */
    readonly postmaster: number | undefined,
  ) {}

  /** @param adminUrl another database of the same server */
  static async open(adminUrl: string, databaseUrl: string): Promise<PostgresMonitor> {
    const client = new pg.Client({ connectionString: adminUrl, application_name: 'bench-monitor' });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return new PostgresMonitor(client, new URL(databaseUrl).pathname.slice(1), postmasterOf(rows[0]!.pid));
  }

  async transactions(): Promise<number> {
    const sql = 'SELECT xact_commit::text AS count FROM pg_stat_database WHERE datname = $1';
    const { rows } = await this.client.query<{ count: string }>(sql, [this.database]);
    return Number(rows[0]?.count);
  }

  /** Transaction ids are given to those that write; both count the whole server. */
  async writes(): Promise<{ readonly transactionId: number; readonly wal: number }> {
    const sql = `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS id,
      pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal`;
    const { rows } = await this.client.query<{ id: string; wal: string }>(sql);
    return { transactionId: Number(rows[0]?.id), wal: Number(rows[0]?.wal) };
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
