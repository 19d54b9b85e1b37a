import type { WorkflowStore } from '../../../libs/core/index.js';
import { type RetryOptions, retryPolicy } from '../../../libs/core/index.js';
import { InProcessNotifier, InProcessQueue } from '../../../libs/memory/index.js';
import {
  callStep,
  Counters,
  DEFAULT_ENGINE_OPTIONS,
  type EngineOptions,
  getCurrentContext,
  Registry,
  SILENT_LOGGER,
  type StepContext,
  SystemClock,
  WorkflowEngine,
} from '../../../libs/runtime/index.js';
import { createCodec } from '../../../libs/serialization/index.js';
import { Ledger } from './ledger.js';

export const ledger = new Ledger(process.env['LEDGER']!);
const registry = new Registry();

export function workflow<A extends unknown[]>(name: string, invoke: (...args: A) => Promise<unknown>): void {
  registry.addWorkflow({
    name,
    version: 1,
    tags: [],
    recoverOnWorkerLoss: true,
    invoke: (args) => invoke(...(args as A)),
  });
}

/** A step that writes to the ledger when it begins and when it ends. @returns how a workflow calls it */
export function step<A extends unknown[], R>(
  name: string,
  body: (...args: A) => R | Promise<R>,
  options: RetryOptions = {},
): (...args: A) => Promise<R> {
  const invoke = async (args: readonly unknown[]): Promise<R> => {
    const { idempotencyKey: key, attempt } = getCurrentContext() as StepContext;
    ledger.write({ event: 'begin', step: name, key, attempt });
    const result = await body(...(args as A));
    ledger.write({ event: 'end', step: name, key, attempt });
    return result;
  };
  registry.addStep({ name, retry: retryPolicy(options), local: false, onExhausted: 'fail', invoke });
  return (...args) => callStep(name, args, () => invoke(args)) as Promise<R>;
}

/** An engine as an application has it. Problems go to standard error. */
export function engineOn(store: WorkflowStore, options: Partial<EngineOptions> = {}): WorkflowEngine {
  const complain = (message: string, fields?: object): void => console.error(message, fields ?? '');
  const queue = new InProcessQueue();
  return new WorkflowEngine({
    store,
    queue,
    localQueue: queue,
    notifier: new InProcessNotifier(),
    clock: new SystemClock(),
    codec: createCodec(),
    registry,
    logger: { ...SILENT_LOGGER, warn: complain, error: complain },
    options: { ...DEFAULT_ENGINE_OPTIONS, owner: `process-${process.pid}-${Date.now()}`, ...options },
    counters: new Counters(),
  });
}

// A program whose test is gone has nobody left to end it.
process.stdin.on('close', () => process.exit(70)).resume();
if ('unref' in process.stdin) process.stdin.unref();
