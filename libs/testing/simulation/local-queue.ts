import { type StepTask, WorkflowQueue } from '../../core/index.js';
import type { HostProcess } from './surroundings.js';

/** Carries the step calls that an orchestrator runs itself; nothing of it gets lost but with the process. */
export class LocalQueue extends WorkflowQueue {
  private handle: ((task: StepTask) => Promise<void>) | undefined;
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly process: HostProcess) {
    super();
  }

  override async wake(): Promise<void> {}

  override async dispatch(task: StepTask): Promise<void> {
    this.process.later(0, () => {
      const handled = this.handle?.(task).finally(() => this.running.delete(handled!));
      if (handled) this.running.add(handled);
    });
  }

  override async consumeWakes(): Promise<void> {}

  override async consumeSteps(_options: object, handle: (task: StepTask) => Promise<void>): Promise<void> {
    this.handle = handle;
  }

  override async drain(): Promise<void> {
    this.handle = undefined;
    while (this.running.size > 0) await Promise.all(this.running);
  }

  override async close(): Promise<void> {}
}
