import {
  type CallHandler,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  FatalError,
  PyWorkflowConfigError,
  PyWorkflowModule,
  RetryableError,
  Step,
  Workflow,
  WorkflowClient,
  WorkflowStore,
} from 'nestjs-pyworkflow';
import {
  type MetricsRegistry,
  PYWORKFLOW_METRICS_REGISTRY,
  PyWorkflowMetricsModule,
  type PyWorkflowMetricsOptions,
} from 'nestjs-pyworkflow/metrics';
import { Counter, type OpenMetricsContentType, register, Registry } from 'prom-client';
import { map, type Observable } from 'rxjs';
import { closeLater } from './e2e-app.spec-helpers.js';

@Injectable()
class Steps {
  private tries = 0;

  @Step({ name: 'charge', maxRetries: 1 })
  async charge(): Promise<string> {
    if (++this.tries === 1) throw new RetryableError('busy', { retryAfter: 0 });
    return 'paid';
  }
  @Step({ name: 'refuse' })
  async refuse(): Promise<void> {
    throw new FatalError('no');
  }
}

@Workflow({ name: 'order' })
class OrderWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<string> {
    return this.steps.charge();
  }
}

@Workflow({ name: 'refused' })
class RefusedWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<void> {
    await this.steps.refuse();
  }
}

interface App {
  readonly client: WorkflowClient;
  readonly store: WorkflowStore;
  get(path: string): Promise<Response>;
  /** The samples, by name and labels, at a path. */
  samples(path?: string): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

async function serve(
  options: PyWorkflowMetricsOptions,
  { adapter = new ExpressAdapter(), ...metadata }: ModuleMetadata & { adapter?: AbstractHttpAdapter } = {},
): Promise<App> {
  const { imports = [], providers = [] } = metadata;
  @Module({
    ...metadata,
    imports: [
      PyWorkflowModule.forRoot({ storage: { type: 'memory' }, logger: false }),
      PyWorkflowMetricsModule.forRoot(options),
      ...imports,
    ],
    providers: [Steps, OrderWorkflow, RefusedWorkflow, ...providers],
  })
  class AppModule {}
  const app = closeLater(await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false }));
  app.useGlobalInterceptors(new Wrapping());
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const get = (path: string) => fetch(`${url}${path}`);
  return {
    client: app.get(WorkflowClient),
    store: app.get(WorkflowStore),
    get,
    close: () => app.close(),
    samples: async (path = '/metrics') => {
      const lines = (await (await get(path)).text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(lines.map((line) => line.split(/ (?=\S+$)/) as [string, string]));
    },
  };
}

/** As many applications have it for what their controllers return. */
class Wrapping implements NestInterceptor {
  intercept(_: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

const fresh = (options: PyWorkflowMetricsOptions = {}): PyWorkflowMetricsOptions => ({
  path: '/metrics',
  registry: new Registry(),
  ...options,
});

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('GET /metrics on %s', (_, makeAdapter) => {
  it('gives what the engine has done, in the text format of Prometheus', async () => {
    const app = await serve(fresh(), { adapter: makeAdapter() as AbstractHttpAdapter });
    await (await app.client.start(OrderWorkflow, [])).result();
    await (await app.client.start(RefusedWorkflow, [])).result().catch(() => {});

    const response = await app.get('/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8$/);
    const samples = await app.samples();
    for (const [sample, value] of Object.entries({
      'pyworkflow_runs_started_total{workflow="order"}': '1',
      'pyworkflow_runs_started_total{workflow="refused"}': '1',
      'pyworkflow_runs_ended_total{workflow="order",status="completed"}': '1',
      'pyworkflow_runs_ended_total{workflow="refused",status="failed"}': '1',
      'pyworkflow_run_duration_seconds_count{workflow="order"}': '1',
      'pyworkflow_step_attempts_total{step="charge",outcome="retrying"}': '1',
      'pyworkflow_step_attempts_total{step="charge",outcome="completed"}': '1',
      'pyworkflow_step_attempts_total{step="refuse",outcome="failed"}': '1',
      'pyworkflow_step_attempt_duration_seconds_count{step="charge"}': '2',
      'pyworkflow_step_dispatches_total{step="charge"}': '2',
      pyworkflow_fenced_total: '0',
      pyworkflow_sessions: '0',
      pyworkflow_steps_running: '0',
      pyworkflow_steps_waiting: '0',
      pyworkflow_oldest_due_seconds: '0',
    }))
      expect([sample, samples.get(sample)]).toEqual([sample, value]);
    expect(Number(samples.get('pyworkflow_commits_total'))).toBeGreaterThan(3);
    expect([...samples.keys()].filter((sample) => sample.includes('run_0'))).toEqual([]);
  });
});

it('says how long the oldest due run has waited, and gives the other metrics while the storage is down', async () => {
  const app = await serve(fresh());
  const due = jest.spyOn(app.store, 'due');
  due.mockImplementation(async (now) => [{ runId: 'r', at: now - 90_000, suspect: false }]);
  expect((await app.samples()).get('pyworkflow_oldest_due_seconds')).toBe('90');
  due.mockRejectedValue(new Error('connection refused'));
  const samples = await app.samples();
  expect(samples.has('pyworkflow_oldest_due_seconds')).toBe(false);
  expect(samples.get('pyworkflow_commits_total')).toBe('0');
});

it('opens nothing over HTTP unless it is asked to', async () => {
  const app = await serve(fresh({ path: undefined }));
  expect((await app.get('/metrics')).status).toBe(404);
});

it('takes a path, a prefix and the metrics of the process', async () => {
  const app = await serve(fresh({ path: '/internal/prometheus', prefix: 'shop_', defaultMetrics: true }));
  const names = [...(await app.samples('/internal/prometheus')).keys()];
  expect(names).toContain('shop_commits_total');
  expect(names).toContain('process_cpu_user_seconds_total');
  expect(names.filter((name) => name.startsWith('pyworkflow_'))).toEqual([]);
});

it('gives metrics of the application beside its own, from a registry that can be injected', async () => {
  const injected: MetricsRegistry[] = [];
  @Injectable()
  class Orders {
    constructor(@Inject(PYWORKFLOW_METRICS_REGISTRY) registry: MetricsRegistry) {
      injected.push(registry);
    }
  }
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry as never] }).inc(3);
  @Module({ imports: [PyWorkflowMetricsModule.forRoot(fresh({ registry }))], providers: [Orders] })
  class OrdersModule {}
  const app = await serve(fresh({ path: false }), { imports: [OrdersModule] });
  expect(injected).toEqual([registry]);
  expect((await app.get('/metrics')).headers.get('content-type')).toMatch(/^application\/openmetrics-text/);
  expect((await app.samples()).get('orders_total')).toBe('3');
});

it('registers with prom-client itself, and leaves nothing there', async () => {
  const own = new Counter({ name: 'my_own_total', help: 'Mine.' });
  const app = await serve({ path: '/metrics', defaultMetrics: true });
  expect((await app.samples()).get('my_own_total')).toBe('0');
  await app.close();
  expect(register.getMetricsAsArray().map(({ name }) => name)).toEqual(['my_own_total']);
  const again = await serve({ path: '/metrics' });
  expect((await again.samples()).get('pyworkflow_commits_total')).toBe('0');
  register.removeSingleMetric('my_own_total');
  void own;
});

describe('a mistake', () => {
  it.each<[unknown, RegExp]>([
    [null, /must be an object with options; it is null/],
    [{ path: 'metrics' }, /path must be a path such as '\/metrics', or false; it is "metrics"/],
    [{ path: true }, /path must be/],
    [{ prefix: 'my-shop' }, /prefix must be letters, digits and '_'.*it is "my-shop"/],
    [{ registry: {} }, /registry must be a Registry of prom-client/],
    [{ defaultMetrics: 'yes' }, /defaultMetrics must be true or false/],
    [{ pth: '/metrics' }, /there is no option "pth"\. Did you mean "path"\?/],
  ])('in the options is named: %j', (options, words) => {
    const register = (): unknown => PyWorkflowMetricsModule.forRoot(options as PyWorkflowMetricsOptions);
    expect(register).toThrow(PyWorkflowConfigError);
    expect(register).toThrow(words);
  });

  it('is to have no workflows', async () => {
    @Module({ imports: [PyWorkflowMetricsModule.forRoot(fresh())] })
    class AppModule {}
    const app = NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    await expect(app).rejects.toThrow(/import PyWorkflowModule\.forRoot\(\) in the application as well/);
  });

  it('is to register the metrics twice', async () => {
    const registry = new Registry();
    await serve(fresh({ registry }));
    await expect(serve(fresh({ registry }))).rejects.toThrow(/a prefix or a registry of its own/);
  });
});
