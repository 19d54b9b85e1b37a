import pg from 'pg';

const PATIENCE_MS = 10_000;

/** A connection beside the store's, that says what the server says. */
export class Observer {
  private constructor(private readonly client: pg.Client) {}

  /** Begins to write down what is told on a channel, as one of those who listen: they have a lock, and say so. */
  async overhear(channel: string): Promise<readonly string[]> {
    const messages: string[] = [];
    this.client.on('notification', ({ payload = '' }) => {
      if (!payload.startsWith('hello ')) messages.push(payload);
    });
    await this.query(`LISTEN "${channel}"`);
    await this.query('SELECT pg_advisory_lock_shared(hashtextextended($1, 0))', [channel]);
    await this.query('SELECT pg_notify($1, $2)', [channel, 'hello observer']);
    return messages;
  }

  /** How many connections are among those who listen. */
  async listeners(): Promise<number> {
    const sql = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    return (await this.query(sql)).length;
  }

  static async connect(url: string): Promise<Observer> {
    const client = new pg.Client({ connectionString: url, application_name: 'observer' });
    await client.connect();
    return new Observer(client);
  }

  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  /** Resolves once so many connections of the store wait for a lock. */
  async untilWaiting(count: number): Promise<void> {
    const waiting = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'nestjs-pyworkflow' AND wait_event_type = 'Lock'`;
    const deadline = Date.now() + PATIENCE_MS;
    while ((await this.query(waiting)).length < count) {
      if (Date.now() > deadline) throw new Error(`Fewer than ${count} connections wait for a lock.`);
    }
  }

  /** Ends connections of the store, as an administrator would. @returns how many */
  async terminate(limit = 100): Promise<number> {
    const rows = await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'nestjs-pyworkflow' ORDER BY random() LIMIT $1`,
      [limit],
    );
    return rows.length;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}

/** What a server says when an administrator ends a connection. */
export const FAREWELL = errorResponse({
  S: 'FATAL',
  V: 'FATAL',
  C: '57P01',
  M: 'terminating connection due to administrator command',
});

function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(
    `${Object.entries(fields)
      .flatMap(([name, text]) => [name + text, '\0'])
      .join('')}\0`,
  );
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
