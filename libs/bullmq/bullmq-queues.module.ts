import { BullModule, getQueueToken, type RegisterQueueAsyncOptions } from '@nestjs/bullmq';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { InvalidInputError, WorkflowQueue } from '../core/index.js';
import { BullMqQueue } from './bullmq.queue.js';
import { stepQueueOf, STEPS, WORKFLOWS } from './names.js';

const FAULT_REPORTS = 'PYWORKFLOW_BULLMQ_FAULT_REPORTS';

/** What `BullMqQueuesModule.register` takes. */
export interface BullMqQueuesOptions {
  /** The named step queues that are wanted as well: `emails` is the queue `steps-emails`. @default none */
  readonly stepQueues?: readonly string[];
}

/**
 * Registers the queues of workflows with `BullModule`, for what watches queues: `@InjectQueue('steps')`, a dashboard,
 * `@QueueEventsListener('steps')`. They use the connection, the prefix and the names of the engine's own.
 *
 * `PyWorkflowModule` has to be imported once in the application, globally and with a queue of type `bullmq`.
 *
 * @example
 * ```ts
 * imports: [BullMqQueuesModule.register({ stepQueues: ['emails'] })]
 * ```
 * @publicApi
 */
@Module({})
export class BullMqQueuesModule {
  static register({ stepQueues = [] }: BullMqQueuesOptions = {}): DynamicModule {
    const names = [WORKFLOWS, STEPS, ...stepQueues.map(stepQueueOf)];
    return {
      module: BullMqQueuesModule,
      imports: [BullModule.registerQueueAsync(...names.map(registration))],
      providers: [faultReports(names)],
      exports: [BullModule],
    };
  }
}

function registration(name: string): RegisterQueueAsyncOptions {
  return { name, inject: [WorkflowQueue], useFactory: (queue: WorkflowQueue) => bullMq(queue).queueOptions };
}

function bullMq(queue: WorkflowQueue): BullMqQueue {
  if (queue instanceof BullMqQueue) return queue;
  throw new InvalidInputError(
    "BullMqQueuesModule registers the queues of PyWorkflowModule, whose queue is not of type 'bullmq'. " +
      "Set queue: { type: 'bullmq' } (PYWORKFLOW_QUEUE=bullmq), or leave BullMqQueuesModule out.",
  );
}

/** Faults of the registered queues go where those of the engine's go: without a listener BullMQ writes to the console. */
function faultReports(names: readonly string[]): Provider {
  return {
    provide: FAULT_REPORTS,
    inject: [WorkflowQueue, ...names.map((name) => getQueueToken(name))],
    useFactory: (queue: WorkflowQueue, ...registered: readonly Queue[]) => {
      for (const each of registered) each.on('error', bullMq(queue).report);
      return registered.length;
    },
  };
}
