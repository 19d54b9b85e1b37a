import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import {
  Clock,
  EventRepository,
  HookRepository,
  Notifier,
  RunRepository,
  WorkflowQueue,
  WorkflowStore,
} from '../libs/core/index.js';
import { Counters, type EngineLogger, Registry, SystemClock, WorkflowEngine } from '../libs/runtime/index.js';
import { createCodec, type ValueCodec } from '../libs/serialization/index.js';
import { PyWorkflowConfigError } from './checks/config.error.js';
import { WorkflowClient } from './client/workflow-client.js';
import { WorkflowCatalog } from './discovery/workflow.catalog.js';
import { LazyModules } from './discovery/lazy-modules.js';
import { WorkflowExplorer } from './discovery/workflow.explorer.js';
import {
  PYWORKFLOW_CODEC,
  PYWORKFLOW_LOCAL_QUEUE,
  PYWORKFLOW_LOGGER,
  PYWORKFLOW_RESOLVED_OPTIONS,
  PYWORKFLOW_WEBHOOKS,
} from './pyworkflow.constants.js';
import { HookCatalog } from './hooks/hook-catalog.js';
import { HookDeliveries } from './hooks/hook-deliveries.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  type OPTIONS_TYPE,
  PYWORKFLOW_MODULE_OPTIONS,
} from './pyworkflow.module-definition.js';
import { assertAsyncOptions, assertOptions, assertProviders } from './options/module-arguments.js';
import { type ResolvedOptions, resolveOptions } from './options/resolve-options.js';
import { engineLogger } from './runtime/nest-logger.js';
import { makeLocalQueue, makeNotifier, makeQueue } from './runtime/open-queue.js';
import { makeStore } from './runtime/open-storage.js';
import { PyWorkflowLifecycle } from './runtime/pyworkflow.lifecycle.js';

const engine: Provider = {
  provide: WorkflowEngine,
  inject: [
    WorkflowStore,
    WorkflowQueue,
    PYWORKFLOW_LOCAL_QUEUE,
    Notifier,
    Clock,
    PYWORKFLOW_CODEC,
    Registry,
    PYWORKFLOW_LOGGER,
    PYWORKFLOW_RESOLVED_OPTIONS,
  ],
  useFactory: (
    store: WorkflowStore,
    queue: WorkflowQueue,
    localQueue: WorkflowQueue,
    notifier: Notifier,
    clock: Clock,
    codec: ValueCodec,
    registry: Registry,
    logger: EngineLogger,
    { engine: options }: ResolvedOptions,
  ) =>
    new WorkflowEngine({
      store,
      queue,
      localQueue,
      notifier,
      clock,
      codec,
      registry,
      logger,
      options,
      counters: new Counters(),
    }),
};

const WITHOUT_OPTIONS =
  'PyWorkflowModule is imported without options: import PyWorkflowModule.forRoot() once, in the root module. It is global, so no other module imports it.';

const repositories: readonly Provider[] = [
  { provide: RunRepository, inject: [WorkflowStore], useFactory: ({ runs }: WorkflowStore) => runs },
  { provide: EventRepository, inject: [WorkflowStore], useFactory: ({ events }: WorkflowStore) => events },
  { provide: HookRepository, inject: [WorkflowStore], useFactory: ({ hooks }: WorkflowStore) => hooks },
];

/**
 * Durable workflows for a Nest application. Import it once, with `forRoot` or `forRootAsync`; workflows and steps are
 * found among the providers of all modules.
 *
 * @publicApi
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: PYWORKFLOW_RESOLVED_OPTIONS,
      // Both are there once `forRoot` was called, whatever it was given.
      inject: [
        { token: PYWORKFLOW_MODULE_OPTIONS, optional: true },
        { token: PYWORKFLOW_WEBHOOKS, optional: true },
      ],
      useFactory: (options: unknown, webhooks: unknown) => {
        if (webhooks === undefined) throw new PyWorkflowConfigError([WITHOUT_OPTIONS]);
        return resolveOptions(options, process.env, webhooks);
      },
    },
    {
      provide: WorkflowStore,
      inject: [PYWORKFLOW_RESOLVED_OPTIONS, ModuleRef],
      useFactory: ({ storage }: ResolvedOptions, moduleRef: ModuleRef) => makeStore(storage, moduleRef),
    },
    {
      provide: PYWORKFLOW_CODEC,
      inject: [PYWORKFLOW_RESOLVED_OPTIONS],
      useFactory: ({ maxPayloadBytes }: ResolvedOptions) => createCodec({ maxBytes: maxPayloadBytes }),
    },
    {
      provide: PYWORKFLOW_LOGGER,
      inject: [PYWORKFLOW_RESOLVED_OPTIONS],
      useFactory: ({ logger }: ResolvedOptions) => engineLogger(logger),
    },
    { provide: Clock, useClass: SystemClock },
    {
      provide: Notifier,
      inject: [PYWORKFLOW_RESOLVED_OPTIONS, WorkflowStore, PYWORKFLOW_LOGGER],
      useFactory: ({ queue }: ResolvedOptions, store: WorkflowStore, logger: EngineLogger) =>
        makeNotifier(queue, store, logger),
    },
    {
      provide: WorkflowQueue,
      inject: [PYWORKFLOW_RESOLVED_OPTIONS, Notifier, PYWORKFLOW_LOGGER],
      useFactory: ({ queue, engine: { leaseMs } }: ResolvedOptions, notifier: Notifier, logger: EngineLogger) =>
        makeQueue(queue, notifier, logger, leaseMs),
    },
    { provide: PYWORKFLOW_LOCAL_QUEUE, inject: [WorkflowQueue], useFactory: makeLocalQueue },
    { provide: Registry, useFactory: () => new Registry() },
    WorkflowCatalog,
    HookCatalog,
    HookDeliveries,
    WorkflowExplorer,
    LazyModules,
    PyWorkflowLifecycle,
    WorkflowClient,
    engine,
    ...repositories,
  ],
  exports: [WorkflowClient, WorkflowStore, WorkflowQueue, RunRepository, EventRepository, HookRepository],
})
export class PyWorkflowModule extends ConfigurableModuleClass {
  /**
   * Registers the module with options, or with their defaults: SQLite in `./.pyworkflow/workflows.db`.
   *
   * @throws PyWorkflowConfigError when the application starts, listing everything that is wrong with the options
   */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    assertOptions(options);
    return super.forRoot(options);
  }

  /**
   * Registers the module with options that a factory, a class or a provider gives.
   *
   * @throws PyWorkflowConfigError if it is not told where they come from
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    assertAsyncOptions(options);
    return super.forRootAsync(options);
  }

  /** Provides and exports workflows and steps, for those who like to see them named: the same as a module's `providers`. */
  static forFeature(providers: readonly Provider[]): DynamicModule {
    assertProviders(providers);
    return { module: PyWorkflowFeatureModule, providers: [...providers], exports: [...providers] as Provider[] };
  }
}

@Module({})
class PyWorkflowFeatureModule {}
