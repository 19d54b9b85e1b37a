import type { AddressInfo } from 'node:net';
import type { INestApplication, NestApplicationOptions, Provider } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type Hook,
  PyWorkflowModule,
  type PyWorkflowOptions,
  type WebhookOptions,
  Workflow,
  WorkflowClient,
  type WorkflowHandle,
} from 'nestjs-pyworkflow';
import { Clock } from '../libs/core/index.js';
import { VirtualClock } from '../libs/testing/index.js';
import { closeLater, eventually } from './e2e-app.spec-helpers.js';

const ADAPTERS = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() } as const;
export type Platform = keyof typeof ADAPTERS;
export const PLATFORMS = Object.keys(ADAPTERS) as readonly Platform[];

export const JSON_TYPE = { 'content-type': 'application/json' };
/** Time is moved by hand: the engine's own rounds would fill it with nothing. */
const NEVER = { days: 1_000 };

export interface Setting {
  /** False: nothing is asked for. @default {} */
  readonly webhooks?: WebhookOptions | false;
  readonly options?: PyWorkflowOptions;
  readonly providers?: Provider[];
  readonly app?: NestApplicationOptions;
  readonly configure?: (app: INestApplication) => void;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
  readonly headers: Headers;
}

let body: () => Promise<unknown>;

@Workflow({ name: 'any' })
class AnyWorkflow {
  async run(): Promise<unknown> {
    return body();
  }
}

/** An application that answers real requests, closed after the test. */
export class WebApplication {
  private constructor(
    readonly app: INestApplication,
    readonly clock: VirtualClock,
    private readonly address: string,
  ) {}

  static async serve(platform: Platform, setting: Setting = {}): Promise<WebApplication> {
    const { webhooks = {}, options, providers = [] } = setting;
    const useFactory = (): PyWorkflowOptions => ({
      storage: { type: 'memory' },
      publicUrl: 'https://shop.example',
      logger: false,
      lease: NEVER,
      recoveryInterval: NEVER,
      ...options,
    });
    const extras = webhooks === false ? {} : { webhooks };
    const clock = new VirtualClock(Date.parse('2026-11-26T12:00:00Z'));
    const module = await Test.createTestingModule({
      imports: [PyWorkflowModule.forRootAsync({ useFactory, ...extras })],
      providers: [AnyWorkflow, ...providers],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    const app = module.createNestApplication(ADAPTERS[platform](), { rawBody: true, logger: false, ...setting.app });
    setting.configure?.(app);
    closeLater(app);
    await app.listen(0, '127.0.0.1');
    return new WebApplication(app, clock, `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`);
  }

  get client(): WorkflowClient {
    return this.app.get(WorkflowClient);
  }

  start(given: () => Promise<unknown>): Promise<WorkflowHandle> {
    body = given;
    return this.client.start(AnyWorkflow, []);
  }

  /** Starts a run that opens a hook and returns what it is given; a hook of many until a payload has `end: true`. */
  async open<T>(create: () => Hook<T>): Promise<{ run: WorkflowHandle; token: string }> {
    const run = await this.start(async () => {
      const hook = create();
      if (!hook.multiple) return hook;
      const payloads: unknown[] = [];
      for await (const payload of hook) {
        payloads.push(payload);
        if ((payload as { end?: boolean }).end) break;
      }
      return payloads;
    });
    const [token = ''] = await this.tokensOf(run, 1);
    return { run, token };
  }

  /** The tokens of a run's hooks, once there are as many. */
  async tokensOf({ runId }: WorkflowHandle, count: number): Promise<readonly string[]> {
    await eventually(async () => (await this.client.listHooks(runId)).length === count, 'the hooks');
    const hooks = await this.client.listHooks(runId, { includeTokens: true });
    return hooks.map(({ token = '' }) => token);
  }

  async statusOf(token: string): Promise<string> {
    return (await this.client.getHook(token)).status;
  }

  /** Sends a payload to the hook with this token. */
  async post(
    token: string,
    payload?: string | Uint8Array,
    headers: Record<string, string> = JSON_TYPE,
  ): Promise<Answer> {
    const response = await this.fetch(`/workflow/hooks/${token}`, {
      method: 'POST',
      headers,
      ...(payload !== undefined && { body: payload }),
    });
    const text = await response.text();
    return { status: response.status, text, json: jsonOf(text), headers: response.headers };
  }

  fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.urlOf(path), init);
  }

  urlOf(path: string): string {
    return `${this.address}${path}`;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
