/** Draws time and chance from the globals, by every name that they have, and dies once; the next process draws again. */
import crypto, { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Step, Workflow } from '../../../src/index.js';
import { killSelf } from '../support/kill-self.js';
import { ledger, startApp } from '../support/nest-app.js';

/** What drivers do with dates and timers, on connections that are opened by whoever calls. */
async function useServers(): Promise<unknown> {
  const database = new pg.Client({ connectionString: process.env['POSTGRES']! });
  await database.connect();
  const redis = new Redis(process.env['REDIS']!, { lazyConnect: true });
  await redis.connect();
  try {
    const asked = new Date(1_700_000_000_000);
    const { rows } = await database.query<{ at: Date }>('SELECT $1::timestamptz AS at', [asked]);
    const pong = await redis.ping();
    return [rows[0]!.at.getTime(), rows[0]!.at instanceof Date, rows[0]!.at.constructor === Date, pong];
  } finally {
    redis.disconnect();
    await database.end();
  }
}

@Injectable()
class Steps {
  @Step()
  async servers(): Promise<unknown> {
    return [await useServers(), Math.abs(Date.now() - performance.timeOrigin) < 60_000];
  }

  @Step()
  async dieOnce(): Promise<void> {
    if (process.env['DIE']) killSelf();
  }
}

@Workflow({ name: 'guarded' })
class GuardedWorkflow {
  constructor(private readonly steps: Steps) {}

  async run(): Promise<unknown> {
    this.draw('first');
    const inStep = await this.steps.servers();
    this.draw('second');
    // Ordinary I/O is reported, and works.
    const inWorkflow = await useServers();
    await wait(1);
    await this.steps.dieOnce();
    this.draw('third');
    return [inStep, inWorkflow];
  }

  /** Plain code, so each replay does it again. */
  private draw(step: string): void {
    const drawn = [
      [Date.now(), new Date(), Date().slice(0, 15), performance.now()],
      [Math.random(), crypto.randomUUID(), randomUUID(), globalThis.crypto.randomUUID()],
    ];
    ledger.write({ event: 'drawn', step, key: JSON.stringify(drawn) });
  }
}

const { app, client } = await startApp([Steps, GuardedWorkflow]);
const run = await client.start(GuardedWorkflow, [], { runId: 'guarded' });
console.log('result', JSON.stringify(await run.result({ timeout: '10s' })));
await app.close();
// The process has its own globals back.
console.log('outside', String(Date).includes('[native code]'), randomUUID() !== randomUUID());
