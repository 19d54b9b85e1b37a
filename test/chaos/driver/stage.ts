import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WorkflowClient } from 'nestjs-pyworkflow';
import { compiled } from '../../processes/support/compiled.js';
import { ChaosModule } from '../app/chaos.module.js';
import type { Servers } from '../servers/servers.js';
import { Database } from './database.js';
import { Deployment, type DeploymentKind, type Environment } from './deployment.js';
import { Effects } from './effects.js';
import { Load } from './load.js';
import type { Member } from './member.js';
import { Monitor } from './monitor.js';
import { Random } from './random.js';
import { waitFor, waitWhileGrowing } from './wait.js';

export const LEASE_MS = 2_000;

export interface StageOptions {
  readonly servers: Servers;
  readonly kind: DeploymentKind;
  readonly name: string;
  readonly seed: number;
  /** How much of it there is to be: 1 for what CI does. */
  readonly scale: number;
  readonly env: Environment;
  readonly say: (line: string) => void;
}

let stages = 0;

/** All that one scenario happens on: a database, processes, a client with its load, and the ledger. */
export class Stage {
  readonly random: Random;
  harms = 0;

  private constructor(
    readonly options: StageOptions,
    /** What all its keys in Redis begin with. */
    readonly prefix: string,
    readonly directory: string,
    readonly database: Database,
    readonly effects: Effects,
    readonly deployment: Deployment,
    private readonly app: INestApplicationContext,
    readonly monitor: Monitor,
    readonly load: Load,
  ) {
    this.random = new Random(options.seed + 1);
  }

  static async set(options: StageOptions): Promise<Stage> {
    const { servers, kind, seed } = options;
    const name = `chaos_${process.pid}_${(stages += 1)}`;
    const database = await Database.create(servers.postgresUrl, name);
    const directory = await mkdtemp(join(tmpdir(), 'pyworkflow-chaos-'));
    const effects = new Effects(join(directory, 'ledger.jsonl'));
    const queue = { type: 'bullmq', url: servers.redisUrl, prefix: name } as const;
    const storage = { type: 'postgres', url: database.url, poolSize: 4 } as const;
    const client = { role: 'client', storage, logger: false, ...(kind === 'cluster' ? { queue } : undefined) } as const;
    const app = await NestFactory.createApplicationContext(ChaosModule.with(client), {
      logger: false,
      abortOnError: false,
    });
    const deployment = new Deployment(kind, {
      ...environmentOf(database.url, effects.path),
      ...(kind === 'cluster' ? clusterEnvironment(queue) : undefined),
      ...options.env,
    });
    const monitor = new Monitor(database);
    const load = new Load(app.get(WorkflowClient), monitor, new Random(seed));
    return new Stage(options, name, directory, database, effects, deployment, app, monitor, load);
  }

  get client(): WorkflowClient {
    return this.app.get(WorkflowClient);
  }

  /** Counts something that was done to the processes or servers, and tells of it. */
  harm(what: string): void {
    this.harms += 1;
    const { monitor, load } = this;
    this.options.say(`${what}; ${monitor.ended} of ${load.jobs.length} runs have ended`);
  }

  /** A member that has committed since it was started and is in the middle of something, of one of these. */
  aBusyMember(among: () => readonly Member[] = () => this.deployment.alive): Promise<Member> {
    return waitFor(
      async () => {
        const busy = [];
        for (const member of among()) if (await this.isBusy(member)) busy.push(member);
        return busy.length > 0 && this.random.pick(busy);
      },
      'no process has committed since its start and has work in flight',
      60_000,
    );
  }

  /** Waits until all runs have ended, as long as any of them gets on: a busy machine is no fault. */
  async untilAllEnded(patienceMs: number, except: readonly string[] = []): Promise<void> {
    await this.load.stopFeeding();
    const { monitor, load } = this;
    const open = (): readonly string[] =>
      load.jobs.flatMap(({ job: { id } }) => (monitor.runs.get(id)?.ended || except.includes(id) ? [] : [id]));
    await waitWhileGrowing(
      () => open().length === 0,
      () => monitor.events,
      () => {
        const late = open().map((id) => `  ${JSON.stringify(monitor.runs.get(id) ?? { run_id: id })}`);
        return `${late.length} runs have not ended, and none has got on for ${patienceMs / 1_000} s:\n${late.slice(0, 10).join('\n')}`;
      },
      patienceMs,
    );
    await load.courier.finish();
  }

  /** Waits until some runs sleep and others wait for a hook. */
  async untilSomeWait(): Promise<void> {
    await waitFor(
      async () => {
        const [row] = await this.database.query<{ sleeping: boolean; waiting: boolean }>(
          `SELECT EXISTS (
             SELECT 1 FROM workflow_event AS sleep JOIN workflow_run USING (run_id)
             WHERE ended_at IS NULL AND sleep.type = 'sleep.started' AND NOT EXISTS (
               SELECT 1 FROM workflow_event AS wake
               WHERE wake.run_id = sleep.run_id AND wake.ref = sleep.ref AND wake.type = 'sleep.completed')
           ) AS sleeping, EXISTS (
             SELECT 1 FROM workflow_hook AS hook JOIN workflow_run AS run USING (run_id)
             WHERE ended_at IS NULL AND hook.status = 'open'
           ) AS waiting`,
        );
        return row!.sleeping && row!.waiting;
      },
      'no run sleeps while another waits for a hook',
      60_000,
    );
  }

  /** Ends all of it, and keeps the files of a scenario that has failed. */
  async strike(hasFailed: boolean): Promise<void> {
    this.load.courier.stop();
    await this.load.stopFeeding().catch(() => {});
    await this.deployment.endAll();
    await this.app.close();
    await this.monitor.stop().catch(() => {});
    await this.database.close();
    if (!hasFailed) await rm(this.directory, { recursive: true, force: true });
  }

  private async isBusy(member: Member): Promise<boolean> {
    const { owner, pid } = member;
    if (owner === undefined || !member.isAlive) return false;
    if (member.role !== 'step-worker') {
      return this.monitor.committed.has(owner) && this.monitor.heldBy(owner).length > 0;
    }
    const open = this.effects.openOf(pid).filter(({ step }) => step !== 'flaky' && step !== 'refuse');
    if (open.length === 0) return false;
    const done = this.effects.read().filter((row) => row.pid === pid && row.event === 'end');
    const [found] = await this.database.query(
      `SELECT 1 FROM workflow_event WHERE type = 'step.completed' AND run_id || ':' || ref = ANY($1) LIMIT 1`,
      [done.map(({ key }) => key)],
    );
    return found !== undefined;
  }
}

function environmentOf(postgresUrl: string, ledger: string): Environment {
  return {
    LEDGER: ledger,
    NO_COLOR: '1',
    PYWORKFLOW_POSTGRES_URL: postgresUrl,
    PYWORKFLOW_POSTGRES_POOL_SIZE: '5',
    PYWORKFLOW_LEASE: `${LEASE_MS}ms`,
    PYWORKFLOW_RECOVERY_INTERVAL: `${LEASE_MS}ms`,
    PYWORKFLOW_SHUTDOWN_GRACE: '2s',
  };
}

function clusterEnvironment({ url, prefix }: { readonly url: string; readonly prefix: string }): Environment {
  return {
    PYWORKFLOW_APP_MODULE: compiled('test/chaos/app/app.module.ts'),
    PYWORKFLOW_HEALTH_PORT: 'off',
    CHAOS_REDIS_URL: url,
    CHAOS_REDIS_PREFIX: prefix,
  };
}
