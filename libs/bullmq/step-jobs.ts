import type { BulkJobOptions } from 'bullmq';
import type { StepTask } from '../core/index.js';
import { type Tasks, toData } from './messages.js';

/** Calls share a job as long as they should be done within so many milliseconds, one after another. */
const WORK_OF_A_JOB_MS = 10;
/** How many calls share a job: enough to make it cheap, and few enough that several workers share the work. */
const CALLS_OF_A_JOB = 20;

/** A step call on its way to a step worker. */
export interface StepCall {
  readonly task: StepTask;
  readonly expectedMs: number;
}

interface StepJob {
  readonly name: string;
  readonly data: StepTask | Tasks;
  readonly opts?: BulkJobOptions;
}

/**
 * The jobs that step calls travel in, by their keys.
 *
 * A call that may take long has a job of its own, whose id is its key: while there is one with that key, be it waiting
 * or at work, others are dropped. Nothing is lost by that: a job whose worker dies is given to another. Of quick calls,
 * several share a job, since a job costs more than they do.
 */
export function stepJobs(calls: ReadonlyMap<string, StepCall>): StepJob[] {
  return loadsOf(calls).map((load) => {
    const [[key, { task }], ...others] = load;
    if (others.length === 0) return { name: task.step, data: toData(task), opts: { jobId: key } };
    return { name: 'steps', data: { tasks: load.map(([, call]) => toData(call.task)) } };
  });
}

type Load = [[string, StepCall], ...[string, StepCall][]];

/** Calls that share a job, in their order. */
function loadsOf(calls: ReadonlyMap<string, StepCall>): Load[] {
  const loads: Load[] = [];
  let workMs = 0;
  for (const call of calls) {
    const load = loads.at(-1);
    workMs += call[1].expectedMs;
    if (load && load.length < CALLS_OF_A_JOB && workMs <= WORK_OF_A_JOB_MS) {
      load.push(call);
    } else {
      loads.push([call]);
      workMs = call[1].expectedMs;
    }
  }
  return loads;
}
