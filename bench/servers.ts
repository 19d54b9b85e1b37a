import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Need } from './engine.js';

interface Provided {
  readonly postgres: { readonly url?: string; readonly from?: string; readonly error?: string };
  readonly redis: {
    readonly url?: string;
    readonly keyPrefix?: string;
    readonly from?: string;
    readonly error?: string;
  };
  stop(): Promise<void>;
}

/** What one measurement uses of the servers. */
export interface Place {
  readonly databaseUrl?: string;
  readonly adminUrl?: string;
  readonly redisUrl?: string;
  readonly keyPrefix?: string;
  drop(): Promise<void>;
}

/** PostgreSQL and Redis, with databases and keys of our own. */
export class Servers {
  private constructor(private readonly provided: Provided | undefined) {}

  /** Finds or starts them, if anything needs one. */
  static async start(needs: ReadonlySet<Need>): Promise<Servers> {
    if (needs.size === 0) return new Servers(undefined);
    // Plain JavaScript of the project, which is not compiled; this file runs from dist/bench.
    const module = (await import(new URL('../../test/services/start.mjs', import.meta.url).href)) as {
      startServices(options: { isDurable: boolean }): Promise<Provided>;
    };
    const provided = await module.startServices({ isDurable: true });
    const servers = new Servers(provided);
    for (const need of needs) {
      const { error } = provided[need];
      if (error === undefined) continue;
      await servers.stop();
      throw new Error(error);
    }
    return servers;
  }

  /** Where they come from, and what a commit waits for: figures mean nothing without it. */
  async describe(needs: ReadonlySet<Need>): Promise<readonly string[]> {
    const lines: string[] = [];
    if (this.provided && needs.has('postgres')) {
      const { from } = this.provided.postgres;
      lines.push(`PostgreSQL: ${from}, ${await this.durability()}`);
    }
    if (this.provided && needs.has('redis')) lines.push(`Redis: ${this.provided.redis.from}`);
    return lines;
  }

  /** An empty database and a prefix for keys, for one measurement. */
  async place(needs: readonly Need[]): Promise<Place> {
    const { postgres, redis } = this.provided ?? { postgres: {}, redis: {} };
    const id = randomBytes(4).toString('hex');
    const place = needs.includes('redis') ? { redisUrl: redis.url, keyPrefix: `${redis.keyPrefix}${id}:` } : {};
    if (!needs.includes('postgres')) return { ...place, drop: async () => {} };
    const url = new URL(postgres.url!);
    url.pathname += `_${id}`;
    const name = url.pathname.slice(1);
    await this.query(`CREATE DATABASE ${name}`);
    await this.query('CHECKPOINT').catch(() => {}); // the user may not be allowed to
    const drop = async (): Promise<void> => void (await this.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    return { ...place, databaseUrl: url.href, adminUrl: postgres.url, drop };
  }

  async stop(): Promise<void> {
    await this.provided?.stop();
  }

  private async durability(): Promise<string> {
    const names = ['server_version', 'fsync', 'synchronous_commit'];
    const rows = await Promise.all(names.map((name) => this.query<Record<string, string>>(`SHOW ${name}`)));
    return names.map((name, index) => `${name}=${rows[index]?.[0]?.[name]}`).join(', ');
  }

  private async query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: this.provided?.postgres.url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }
}
