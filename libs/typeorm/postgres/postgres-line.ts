import { createHash, randomUUID } from 'node:crypto';
import { isUnreachable } from './connection-errors.js';
import { quoted } from './prepared-statements.js';
import type { PgConnection, PgPool } from './postgres-pool.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** Of the name of a channel, in bytes: LISTEN cuts longer ones, and pg_notify refuses them. */
const LONGEST_NAME = 63;

/**
 * The transaction of a notification has a number, so its end is written to the log of the server. Nothing is lost with a
 * hint, so that is not waited for. Said in the statement: a setting of the session might outlive it in a pooler, and reach
 * those whose commits have to be waited for.
 */
const NOTIFY = `SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message, set_config('synchronous_commit', 'off', true)`;

/** By this lock those who listen are counted. It ends with the connection, however that ends. */
const LOCK = 'hashtextextended($1, 0)';
const JOIN = `SELECT pg_advisory_lock_shared(${LOCK})`;
const COUNT = `SELECT count(*)::integer AS listeners FROM pg_locks
  WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND objsubid = 1 AND classid::bigint << 32 | objid::bigint = ${LOCK}`;
/** What a line says when it has joined, in front of a name of its own. */
const HELLO = 'hello ';

export interface LineListener {
  readonly onMessage: (text: string) => void;
  /** Others are there, who may have listened for a moment already. */
  readonly onCompany: () => void;
}

/**
 * One connection that listens and notifies, until it breaks.
 *
 * It knows whether others listen. Each takes a lock, says so, and counts those who have it: whoever comes later has the
 * lock before it says so, and is heard.
 */
export class PostgresLine {
  /** Resolves when it broke, with the reason. */
  readonly broken: Promise<unknown>;
  isBroken = false;
  /** Whether nobody else listens. Who has come a moment ago may not be known yet. */
  isAlone = false;
  private readonly client: PgConnection;
  private break!: (why: unknown) => void;
  /** What was asked last: the driver wants one query at a time. */
  private last: Promise<unknown> = Promise.resolve();
  private channel = '';
  private readonly hello = HELLO + randomUUID();
  /** How many have said that they are there. */
  private arrivals = 0;
  private onCompany = (): void => {};
  private ending: Promise<void> | undefined;

  /** @param answerMs how long the server may take to answer before the connection counts as broken */
  constructor(
    pool: PgPool,
    private readonly answerMs: number,
  ) {
    this.broken = new Promise((resolve) => {
      this.break = (why) => {
        this.isBroken = true;
        resolve(why);
      };
    });
    this.client = new pool.Client(ownOptions(pool.options));
    this.client.on('error', this.break);
    this.client.on('end', () => this.break(new Error('the connection has ended')));
  }

  /** @param schema that of the tables, if it is not the first of the search path */
  async listen(schema: string | undefined, { onMessage, onCompany }: LineListener): Promise<void> {
    // The driver forgets who waits for a connection that is closed before it is there.
    await Promise.race([this.client.connect(), this.broken.then((why) => Promise.reject(why))]);
    this.channel = channelOf(schema ?? (await this.currentSchema()));
    this.onCompany = onCompany;
    this.client.on('notification', ({ payload = '' }) => {
      if (!payload.startsWith(HELLO)) onMessage(payload);
      else if (payload !== this.hello) this.meet();
    });
    await this.query(`LISTEN ${quoted(this.channel)}`);
    await this.query(JOIN, [this.channel]);
    await this.notify([this.hello]);
    await this.check();
  }

  async notify(messages: readonly string[]): Promise<void> {
    await this.query(NOTIFY, [this.channel, messages]);
  }

  /** Counts who is there. Rejects if it is broken. */
  async check(): Promise<void> {
    const { arrivals } = this;
    const [row] = await this.query<{ listeners: number }>(COUNT, [this.channel]);
    // Who came meanwhile may not have been counted.
    if (arrivals === this.arrivals) this.isAlone = row!.listeners < 2;
  }

  end(): Promise<void> {
    this.break(new Error('the connection is closed'));
    const { client } = this;
    // The driver waits for the server to hang up, which one that has vanished does not.
    this.ending ??= within(client.end(), this.answerMs).catch(() => void client.connection?.stream?.destroy());
    return this.ending;
  }

  private meet(): void {
    this.arrivals += 1;
    this.isAlone = false;
    this.onCompany();
  }

  private async currentSchema(): Promise<string> {
    const [row] = await this.query<{ schema: string }>('SELECT current_schema() AS schema');
    return row!.schema;
  }

  private query<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const asked = this.last.then(() => this.ask<Row>(text, values));
    this.last = asked.catch(() => {});
    return asked;
  }

  private async ask<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    if (this.isBroken) throw new Error('the connection has ended');
    const answer = this.client.query({ text, values });
    try {
      return (await within(answer, this.answerMs)).rows as readonly Row[];
    } catch (error) {
      // A server that ends the connection tells the query first: it is no fault of what was asked.
      if (error instanceof SilenceError || isUnreachable(error)) this.break(error);
      throw error;
    }
  }
}

/** Two applications in two schemas of a database do not hear each other. */
function channelOf(schema: string): string {
  const name = `pyworkflow:${schema}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `pyworkflow:${createHash('sha1').update(schema).digest('hex')}`;
}

/** Those of the pool, with its password, which is hidden from a simple copy. */
function ownOptions(options: object): object {
  const own: object = Object.defineProperties({}, Object.getOwnPropertyDescriptors(options));
  return Object.assign(own, { keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
}

class SilenceError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Rejects if something takes too long; what comes of it then is of no interest. */
async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  work.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilenceError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
