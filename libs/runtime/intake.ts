import type { ConsumeStepsOptions } from '../core/index.js';
import type { Activator } from './activator.js';
import type { EnginePorts } from './ports.js';
import type { Role } from './options.js';

/** Whether processes of this role hold runs. */
export function runsWorkflows(role: Role): boolean {
  return role === 'all' || role === 'orchestrator';
}

/** What a process takes from the queues, by its role. */
export class Intake {
  private readonly ports: EnginePorts;
  /** The step queues that it takes from; undefined is the default one. */
  private readonly consumed = new Set<string | undefined>();

  constructor(private readonly activator: Activator) {
    this.ports = activator.ports;
  }

  async start(): Promise<void> {
    const { queue, options } = this.ports;
    if (runsWorkflows(options.role)) {
      await queue.consumeWakes(options.owner, async (runId) => this.activator.wake(runId));
    }
    if (this.worksForOthers) this.activator.desk.worker.start();
    this.consumed.clear();
    await this.consumeSteps();
  }

  /** Takes from the step queues that it does not take from yet. */
  async consumeSteps(): Promise<void> {
    const { queue, localQueue, options } = this.ports;
    const { desk } = this.activator;
    for (const step of this.stepQueues()) {
      if (this.consumed.has(step.queue)) continue;
      this.consumed.add(step.queue);
      if (runsWorkflows(options.role)) await localQueue.consumeSteps(step, (task) => desk.handle(task));
      if (this.worksForOthers) await queue.consumeSteps(step, (task) => desk.handleForOthers(task, step.queue));
    }
  }

  /** Takes no more, and waits for what runs. */
  async drain(): Promise<void> {
    const { queue, localQueue } = this.ports;
    this.activator.desk.stop();
    await Promise.all([queue.drain(), ...(queue === localQueue ? [] : [localQueue.drain()])]);
  }

  /** Gives the attempts that still run for others back to them. */
  async handBack(): Promise<void> {
    if (!this.worksForOthers) return;
    await this.activator.desk.worker.handBackAll();
    this.activator.desk.worker.stop();
  }

  private get worksForOthers(): boolean {
    const { queue, localQueue, options } = this.ports;
    return options.role === 'step-worker' || (options.role === 'all' && queue !== localQueue);
  }

  /** The default queue, and the named ones that the steps of this process ask for. */
  private stepQueues(): readonly ConsumeStepsOptions[] {
    const { stepConcurrency, queueConcurrency, queueRateLimits } = this.ports.options;
    const names = new Set(this.ports.registry.steps.flatMap(({ queue }) => (queue === undefined ? [] : [queue])));
    const named = [...names].map((queue) => {
      const rateLimit = queueRateLimits.get(queue);
      return { queue, concurrency: queueConcurrency.get(queue) ?? stepConcurrency, ...(rateLimit && { rateLimit }) };
    });
    return [{ concurrency: stepConcurrency }, ...named];
  }
}
