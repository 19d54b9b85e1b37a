import type { WorkflowEngine } from '../../libs/runtime/index.js';
import { oldestDueMs } from '../runtime/oldest-due.js';
import { within } from '../runtime/within.js';
import type { HealthLimits } from './health.options.js';

/** What a look at one part of the engine has found. */
export interface Finding {
  readonly facts: Readonly<Record<string, string | number>>;
  /** What is wrong and what to do, if something is. */
  readonly reason?: string;
}

export function checkProcess({ activator }: WorkflowEngine): Finding {
  const facts = { process: activator.isStopping ? 'stopping' : 'up' };
  return activator.isStopping ? { facts, reason: 'This process is stopping: send it no more work.' } : { facts };
}

export async function checkQueue({ ports }: WorkflowEngine, { timeoutMs }: HealthLimits): Promise<Finding> {
  try {
    await within(timeoutMs, Promise.resolve(ports.queue.ping?.()));
    return { facts: { queue: 'up' } };
  } catch (error) {
    const reason = `The queue does not answer: ${wordsOf(error)}. Check that its server runs and can be reached from this process. Runs go on meanwhile, by looking at the storage now and then.`;
    return { facts: { queue: 'down' }, reason };
  }
}

export async function checkStorage(engine: WorkflowEngine, { timeoutMs }: HealthLimits): Promise<Finding> {
  const answer = await askStorage(engine, timeoutMs);
  return 'reason' in answer ? answer : { facts: { storage: 'up' } };
}

/** Whether the storage answers, and runs that are due are taken up: both take one statement. */
export async function checkBacklog(
  engine: WorkflowEngine,
  { timeoutMs, maxOverdueMs }: HealthLimits,
): Promise<Finding> {
  const answer = await askStorage(engine, timeoutMs);
  if ('reason' in answer) return answer;
  const facts = { storage: 'up', oldestDueMs: answer.oldestDueMs };
  if (answer.oldestDueMs <= maxOverdueMs) return { facts };
  const reason =
    `A run has been due for ${answer.oldestDueMs} ms, more than ${maxOverdueMs} ms, and no process has taken it up. ` +
    'Check that a process runs workflows on this storage, and its log for errors; if it is busy all the time, start more of them.';
  return { facts, reason };
}

async function askStorage(
  engine: WorkflowEngine,
  timeoutMs: number,
): Promise<{ readonly oldestDueMs: number } | Required<Finding>> {
  try {
    return { oldestDueMs: await within(timeoutMs, oldestDueMs(engine)) };
  } catch (error) {
    const reason = `The storage does not answer: ${wordsOf(error)}. Check that the database runs and can be reached from this process. Nothing is lost: runs go on when it is back.`;
    return { facts: { storage: 'down' }, reason };
  }
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message || error.name : String(error);
  return words.replace(/\.$/, '');
}
