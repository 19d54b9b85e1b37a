import type { WorkflowEngine } from './engine.js';

/** How much a process has to do at this moment. */
export interface Workload {
  /** Runs that it holds in memory. */
  readonly sessions: number;
  /** Attempts that run in it. */
  readonly runningSteps: number;
  /** Attempts that the runs it holds have handed out, and that do not run in it: they wait for their turn, or others run them. */
  readonly waitingSteps: number;
}

export function workloadOf({ activator }: WorkflowEngine): Workload {
  let waitingSteps = 0;
  for (const { attempts } of activator.sessions.values()) waitingSteps += attempts.waitingCount;
  return { sessions: activator.sessions.size, runningSteps: activator.desk.executor.runningCount, waitingSteps };
}
