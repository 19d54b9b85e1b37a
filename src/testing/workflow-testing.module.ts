import type { InjectionToken, LoggerService, Type } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { Clock } from '../../libs/core/index.js';
import { Registry, WorkflowEngine } from '../../libs/runtime/index.js';
import { WorkflowClient } from '../client/workflow-client.js';
import type { PyWorkflowOptions } from '../options/pyworkflow.options.js';
import { PyWorkflowModule } from '../pyworkflow.module.js';
import { PYWORKFLOW_MODULE_OPTIONS } from '../pyworkflow.module-definition.js';
import { importsModule } from './find-module.js';
import { assertMetadata, type WorkflowTestingMetadata } from './metadata.js';
import { handleRejectionsOfWorkflows } from './rejections.js';
import { StepWatch } from './step-watch.js';
import { TestClock } from './test-clock.js';
import { TestingWorkflowClient } from './testing-client.js';

/** The engine's own rounds would fill the skipped time with nothing. */
const NEVER = { days: 1_000_000 };

/**
 * An application of workflows in memory, whose clock skips the time that nothing happens in.
 *
 * @example
 * ```ts
 * const module = await WorkflowTestingModule.create({ imports: [OrdersModule] })
 *   .overrideProvider(PaymentSteps)
 *   .useValue({ charge: jest.fn().mockResolvedValue({ id: 'ch_1' }) })
 *   .compile();
 * const run = await module.client.start(OrderWorkflow, [order]);
 * expect(await run.result()).toEqual(receipt); // also if it sleeps for a week
 * await module.close();
 * ```
 * @publicApi
 */
export class WorkflowTestingModule {
  private readonly stopHandling = handleRejectionsOfWorkflows();

  private constructor(
    /** Nest's testing module. */
    readonly module: TestingModule,
    readonly client: WorkflowClient,
    readonly clock: TestClock,
  ) {}

  /** @throws PyWorkflowConfigError if it cannot be made of that */
  static create(metadata: WorkflowTestingMetadata): WorkflowTestingModuleBuilder {
    assertMetadata(metadata);
    return new WorkflowTestingModuleBuilder(metadata, (...parts) => new WorkflowTestingModule(...parts));
  }

  /** A provider of the application. */
  get<T>(token: Type<T> | (abstract new (...args: never[]) => T) | string | symbol): T {
    return this.module.get<T>(token as Type<T>, { strict: false });
  }

  /** Closes the application: the runs are gone with it. */
  async close(): Promise<void> {
    await this.module.close();
    this.stopHandling();
  }
}

type Make = (module: TestingModule, client: WorkflowClient, clock: TestClock) => WorkflowTestingModule;

interface Override {
  useValue(value: unknown): WorkflowTestingModuleBuilder;
  useClass(type: Type): WorkflowTestingModuleBuilder;
  useFactory(options: {
    factory: (...args: never[]) => unknown;
    inject?: InjectionToken[];
  }): WorkflowTestingModuleBuilder;
}

/** Replaces providers, then makes the application. */
export class WorkflowTestingModuleBuilder {
  private readonly changes: ((builder: TestingModuleBuilder) => void)[] = [];

  constructor(
    private readonly metadata: WorkflowTestingMetadata,
    private readonly make: Make,
  ) {}

  /** Puts something else in the place of a provider; what stands in for a provider of steps is called durably all the same. */
  overrideProvider(token: InjectionToken): Override {
    const change = (apply: (override: ReturnType<TestingModuleBuilder['overrideProvider']>) => void) => {
      this.changes.push((builder) => apply(builder.overrideProvider(token)));
      return this;
    };
    return {
      useValue: (value) => change((override) => override.useValue(value)),
      useClass: (type) => change((override) => override.useClass(type)),
      useFactory: (options) => change((override) => override.useFactory(options as { factory: () => unknown })),
    };
  }

  /** As Nest's builder has it. Lines of the engine go where `workflow: { logger }` says. */
  setLogger(logger: LoggerService): this {
    this.changes.push((builder) => builder.setLogger(logger));
    return this;
  }

  /** Anything else that Nest's own builder can do. */
  configure(change: (builder: TestingModuleBuilder) => void): this {
    this.changes.push(change);
    return this;
  }

  /** Makes and starts the application. */
  async compile(): Promise<WorkflowTestingModule> {
    const { workflow, startAt, imports = [], ...metadata } = this.metadata;
    const clock = new TestClock((startAt ?? new Date()).getTime());
    const options: PyWorkflowOptions = {
      storage: { type: 'memory' },
      onChangedInput: 'block',
      logger: false,
      lease: NEVER,
      recoveryInterval: NEVER,
      publicUrl: 'http://localhost:3000',
      ...workflow,
    };
    const isImported = await importsModule(imports as Parameters<typeof importsModule>[0], PyWorkflowModule);
    const ours = isImported ? [] : [PyWorkflowModule.forRoot(options)];
    const builder = Test.createTestingModule({ ...metadata, imports: [...imports, ...ours] })
      .overrideProvider(PYWORKFLOW_MODULE_OPTIONS)
      .useValue(options)
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(Registry)
      .useValue(new StepWatch(clock.activity))
      .overrideProvider(WorkflowClient)
      .useClass(TestingWorkflowClient);
    for (const change of this.changes) change(builder);
    const module = await builder.compile();
    clock.watch(module.get(WorkflowEngine, { strict: false }));
    const client = module.get<TestingWorkflowClient>(WorkflowClient, { strict: false }).use(clock);
    await module.init().catch(async (error: unknown) => {
      await module.close();
      throw error;
    });
    return this.make(module, client, clock);
  }
}
