import pg from 'pg';

/** One run as the database has it. */
export interface RunRow {
  readonly run_id: string;
  readonly workflow: string;
  readonly status: string;
  readonly fence: number;
  readonly sequence: number;
  readonly owner: string | null;
  readonly reason: string | null;
  readonly ended: boolean;
}

/** Looks into the database of a scenario from outside of the engine, also while its server comes and goes. */
export class Database {
  private readonly pool: pg.Pool;

  private constructor(readonly url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
    this.pool.on('error', () => {}); // the next query has another connection
  }

  static async create(adminUrl: string, name: string): Promise<Database> {
    const admin = new pg.Client({ connectionString: adminUrl });
    await admin.connect();
    try {
      await admin.query(`CREATE DATABASE ${name}`);
    } finally {
      await admin.end();
    }
    const url = new URL(adminUrl);
    url.pathname = name;
    return new Database(url.href);
  }

  /** Tries until the server answers. */
  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    for (const deadline = Date.now() + 30_000; ;) {
      try {
        return (await this.pool.query<Row>(text, [...values])).rows;
      } catch (error) {
        if (Date.now() > deadline || isOurFault(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  runs(): Promise<RunRow[]> {
    return this.query<RunRow>(
      `SELECT run_id, workflow, status, fence, sequence, owner, reason, ended_at IS NOT NULL AS ended FROM workflow_run`,
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** Of the classes "syntax error" and the like, which do not pass. */
function isOurFault(error: unknown): boolean {
  const { code } = error as { code?: string };
  return typeof code === 'string' && code.startsWith('42');
}
