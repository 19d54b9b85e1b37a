import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, type HealthIndicatorResult, TerminusModule } from '@nestjs/terminus';
import { InvalidInputError, PyWorkflowModule, WorkflowStore } from 'nestjs-pyworkflow';
import { PyWorkflowHealthIndicator, type PyWorkflowHealthOptions } from 'nestjs-pyworkflow/health';
import { WorkflowQueue } from '../libs/core/index.js';
import { closeLater } from './e2e-app.spec-helpers.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly workflows: PyWorkflowHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.workflows.isHealthy('workflows', { maxOverdue: '2m' })]);
  }
}

@Module({
  imports: [
    PyWorkflowModule.forRoot({ storage: { type: 'memory' }, logger: false }),
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [HealthController],
  providers: [PyWorkflowHealthIndicator],
})
class AppModule {}

async function serve() {
  const app = closeLater(await NestFactory.create(AppModule, { logger: false }));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ping = jest.fn<Promise<void>, []>();
  Object.assign(app.get(WorkflowQueue, { strict: false }), { ping });
  return {
    app,
    due: jest.spyOn(app.get(WorkflowStore), 'due'),
    ping,
    indicator: app.get(PyWorkflowHealthIndicator),
    check: async () => {
      const response = await fetch(`${url}/health`);
      const { details } = (await response.json()) as { details: HealthIndicatorResult };
      return { code: response.status, ...details['workflows'] };
    },
  };
}

const dueFor = (ms: number) => async (now: number) => [{ runId: 'r', at: now - ms, suspect: false }];

describe('GET /health', () => {
  it('is up while storage and queue answer and no run waits for long', async () => {
    const { check, due } = await serve();
    expect(await check()).toEqual({
      code: 200,
      status: 'up',
      process: 'up',
      queue: 'up',
      storage: 'up',
      oldestDueMs: 0,
    });
    due.mockImplementation(dueFor(120_000));
    expect(await check()).toMatchObject({ code: 200, status: 'up', oldestDueMs: 120_000 });
  });

  it('is down when nobody takes up a run that is due, and says what to do', async () => {
    const { check, due } = await serve();
    due.mockImplementation(dueFor(120_001));
    expect(await check()).toEqual({
      code: 503,
      status: 'down',
      process: 'up',
      queue: 'up',
      storage: 'up',
      oldestDueMs: 120_001,
      reasons: [expect.stringMatching(/due for 120001 ms, more than 120000 ms.*Check that a process runs workflows/)],
    });
  });

  it('is down for every reason at once', async () => {
    const { check, due, ping } = await serve();
    due.mockRejectedValue(new Error('connect ECONNREFUSED 127.0.0.1:5432'));
    ping.mockRejectedValue(new Error('Redis is loading.'));
    expect(await check()).toEqual({
      code: 503,
      status: 'down',
      process: 'up',
      queue: 'down',
      storage: 'down',
      reasons: [
        expect.stringMatching(/^The queue does not answer: Redis is loading\. Check that/),
        expect.stringMatching(/^The storage does not answer: connect ECONNREFUSED 127\.0\.0\.1:5432\. Check that/),
      ],
    });
  });
});

describe('the indicator', () => {
  const pending = new Promise<never>(() => {});

  it('waits for an answer only so long', async () => {
    const { indicator, due, ping } = await serve();
    due.mockReturnValue(pending);
    ping.mockReturnValue(pending);
    for (const method of ['isHealthy', 'isStorageUp', 'isQueueUp', 'isKeepingUp'] as const) {
      const { it } = await indicator[method]('it', { timeout: '1ms' });
      expect([method, it.status, it['reasons']]).toEqual([
        method,
        'down',
        expect.arrayContaining([expect.stringContaining('does not answer: nothing came within 1 ms.')]),
      ]);
    }
  });

  it('looks at one thing only when it is asked about that', async () => {
    const { indicator, due, ping } = await serve();
    ping.mockRejectedValue('no');
    expect(await indicator.isStorageUp('db')).toEqual({ db: { status: 'up', storage: 'up' } });
    expect(await indicator.isKeepingUp('runs')).toEqual({ runs: { status: 'up', storage: 'up', oldestDueMs: 0 } });
    due.mockRejectedValue(new Error('down'));
    ping.mockResolvedValue(undefined);
    expect(await indicator.isQueueUp('queue')).toEqual({ queue: { status: 'up', queue: 'up' } });
  });

  it('says that the process is stopping', async () => {
    const { app, indicator } = await serve();
    await app.close();
    const { workflows } = await indicator.isHealthy('workflows');
    expect(workflows).toMatchObject({
      status: 'down',
      process: 'stopping',
      reasons: ['This process is stopping: send it no more work.'],
    });
  });

  it.each<[unknown, RegExp]>([
    [null, /must be an object with options; it is null/],
    [{ timeout: 'soon' }, /isHealthy\(\): timeout must be a duration/],
    [{ timeout: 0 }, /timeout must be a duration of 1 ms or more/],
    [{ maxOverdue: -1 }, /maxOverdue must be a duration/],
    [{ maxOverdueMs: 5 }, /there is no option "maxOverdueMs"\. Did you mean "maxOverdue"\?/],
  ])('refuses %j as options', async (options, words) => {
    const { indicator } = await serve();
    const check = indicator.isHealthy('workflows', options as PyWorkflowHealthOptions);
    await expect(check).rejects.toThrow(words);
    await expect(check).rejects.toThrow(InvalidInputError);
  });

  it('cannot be without workflows', async () => {
    @Module({ imports: [TerminusModule], providers: [PyWorkflowHealthIndicator] })
    class Without {}
    const app = NestFactory.createApplicationContext(Without, { logger: false, abortOnError: false });
    await expect(app).rejects.toThrow(/PyWorkflowHealthIndicator finds no workflows to look at/);
  });
});
