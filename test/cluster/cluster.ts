import { type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PyWorkflowModule, type PyWorkflowOptions, WorkflowClient } from '../../src/index.js';
import { compiled } from '../processes/support/compiled.js';
import { Program } from '../processes/support/program.js';
import { createPostgresDatabase, redisKeyPrefix } from '../services/index.js';
import { SlowStep, Steps, ThreeSteps } from './app.module.js';

let clusters = 0;

/** Processes on one database and one Redis: the two programs, and a client in the process of the test. */
export class Cluster {
  private client: INestApplicationContext | undefined;

  private constructor(private readonly settings: Readonly<Record<string, string>>) {}

  /** @param settings what its processes are told otherwise */
  static async create(redis: string, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    return new Cluster({
      PYWORKFLOW_POSTGRES_URL: await createPostgresDatabase(),
      PYWORKFLOW_QUEUE: 'bullmq',
      PYWORKFLOW_REDIS_URL: redis,
      PYWORKFLOW_QUEUE_PREFIX: `${redisKeyPrefix()}processes${++clusters}`,
      PYWORKFLOW_APP_MODULE: compiled('test/cluster/app.module.ts'),
      PYWORKFLOW_HEALTH_PORT: '0',
      PYWORKFLOW_LEASE: '3s',
      PYWORKFLOW_RECOVERY_INTERVAL: '3s',
      NO_COLOR: '1',
      ...settings,
    });
  }

  /** Starts a program from its source, and waits until it is up. */
  async up(role: 'orchestrator' | 'step-worker'): Promise<Program> {
    const program = this.start(role);
    await program.says('is up');
    return program;
  }

  start(role: 'orchestrator' | 'step-worker', env: Readonly<Record<string, string>> = {}): Program {
    return Program.start(`apps/${role}/src/main.ts`, { ...this.settings, ...env });
  }

  async connect(): Promise<WorkflowClient> {
    const { settings } = this;
    const keyPrefix = settings['PYWORKFLOW_REDIS_STORAGE_PREFIX'];
    const options: PyWorkflowOptions = {
      storage: keyPrefix
        ? { type: 'redis', url: settings['PYWORKFLOW_REDIS_URL']!, keyPrefix }
        : { type: 'postgres', url: settings['PYWORKFLOW_POSTGRES_URL']! },
      queue: { type: 'bullmq', url: settings['PYWORKFLOW_REDIS_URL']!, prefix: settings['PYWORKFLOW_QUEUE_PREFIX']! },
      role: 'client',
      logger: false,
    };
    const imports = [PyWorkflowModule.forRoot(options)];
    const app = await Test.createTestingModule({ imports, providers: [Steps, ThreeSteps, SlowStep] }).compile();
    this.client = await app.init();
    return app.get(WorkflowClient);
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = undefined;
  }
}
