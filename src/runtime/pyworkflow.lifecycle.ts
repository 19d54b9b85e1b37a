import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { InvalidInputError, WorkflowStore } from '../../libs/core/index.js';
import { findCurrentContext, NotRunningError, WorkflowEngine } from '../../libs/runtime/index.js';
import { LazyModules } from '../discovery/lazy-modules.js';
import { WorkflowExplorer } from '../discovery/workflow.explorer.js';
import { suggest } from '../checks/suggest.js';

type Phase = 'created' | 'initialised' | 'running' | 'stopping' | 'closed';

/**
 * Ties the engine to the life of the application.
 *
 * Workflows are found and the store is opened in `onModuleInit`; work begins in `onApplicationBootstrap`, when all
 * providers are initialised, and ends in `beforeApplicationShutdown`, before databases are closed.
 */
@Injectable()
export class PyWorkflowLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private phase: Phase = 'created';
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly engine: WorkflowEngine,
    private readonly store: WorkflowStore,
    private readonly explorer: WorkflowExplorer,
    private readonly lazyModules: LazyModules,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.explorer.explore();
    this.warnOfUnusedQueues();
    await this.store.open();
    await this.openNotifier();
    this.lazyModules.onLoad(async () => {
      await this.explorer.explore();
      await this.engine.takeUpNewCode();
    });
    this.phase = 'initialised';
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.engine.start();
    } catch (error) {
      await this.stop();
      await this.close();
      throw error;
    }
    this.phase = 'running';
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.phase = 'closed';
    await this.close();
  }

  /**
   * @throws NotRunningError unless the store is open
   * @throws InvalidInputError in workflow code, where the call would be made again by each replay
   */
  assertUsable(method: string): void {
    if (this.phase === 'created') {
      throw new NotRunningError(
        'The WorkflowClient was used before the application was initialised. Use it in onApplicationBootstrap or later; in tests, await app.init() first.',
      );
    }
    if (this.phase === 'closed')
      throw new NotRunningError(
        'The application has been closed, and its workflow store with it. Await what is asked of the WorkflowClient before app.close().',
      );
    if (findCurrentContext()?.kind !== 'workflow') return;
    throw new InvalidInputError(
      `WorkflowClient.${method}() was called in the code of a workflow, which a replay would do again: call it in a step.`,
    );
  }

  private warnOfUnusedQueues(): void {
    const { registry, options, logger } = this.engine.ports;
    const used = registry.steps.flatMap(({ queue }) => queue ?? []);
    for (const queue of new Set([...options.queueConcurrency.keys(), ...options.queueRateLimits.keys()])) {
      if (!used.includes(queue))
        logger.warn(`queue "${queue}" is configured, and no step names it.${suggest(queue, used)}`);
    }
  }

  /** What is not heard of is found by looking, so that is no reason not to start. */
  private async openNotifier(): Promise<void> {
    const { notifier, logger } = this.engine.ports;
    await notifier.open().catch((error: unknown) => {
      logger.warn('other processes cannot be heard, and are looked after by the sweep until they can', { error });
    });
  }

  private async close(): Promise<void> {
    const { queue, localQueue, notifier, logger } = this.engine.ports;
    const complain = (error: unknown): void => logger.warn('a connection could not be closed', { error });
    await Promise.all([...new Set([queue, localQueue])].map((each) => each.close().catch(complain)));
    await notifier.close().catch(complain);
    await this.store.close();
  }

  private stop(): Promise<void> {
    if (this.phase === 'created') return Promise.resolve();
    this.phase = 'stopping';
    this.stopping ??= this.engine.stop();
    return this.stopping;
  }
}
