import type { ClaimedRun } from '../core/index.js';
import { versionName } from './announcer.js';
import { UnknownNameError } from './errors.js';
import type { EnginePorts } from './ports.js';
import type { WorkflowDefinition } from './registry.js';
import { isRequest, type RunHalter } from './run-halter.js';

/** Decides whether a claimed run goes on in this process; one that does not is halted or given up. */
export class Admission {
  /** When a run was first found to need a workflow that this process does not know. */
  private readonly unknownSince = new Map<string, number>();

  /** @param onReleased is told of a run that is given up, and when it is to be looked at again */
  constructor(
    private readonly ports: EnginePorts,
    private readonly halter: RunHalter,
    private readonly onReleased: (runId: string, wakeAt: number | undefined) => void,
  ) {}

  /** The runs that wait for a workflow that this process does not know. */
  waiting(): Iterable<string> {
    return this.unknownSince.keys();
  }

  /** @returns what the run goes on with; undefined if it does not go on here, which is settled then */
  async admit(claimed: ClaimedRun): Promise<WorkflowDefinition | undefined> {
    const { run } = claimed;
    const definition = this.ports.registry.workflow(run.workflow, run.version);
    if (run.status === 'paused' && !isAskedFor(claimed)) return this.giveUp(claimed, undefined);
    if (!definition) return this.handBack(claimed);
    this.unknownSince.delete(run.runId);
    const isSuspect = run.recoveryAttempts > 0 && !isAskedFor(claimed);
    return isSuspect && (await this.halter.stopSuspect(claimed, definition)) ? undefined : definition;
  }

  /** A rolling deploy looks just so: the run is handed back, and blocked only when it has been in vain for long. */
  private async handBack(claimed: ClaimedRun): Promise<undefined> {
    const { clock, options, logger } = this.ports;
    const { runId, workflow, version, status } = claimed.run;
    const now = clock.now();
    if (status === 'blocked' && !isAskedFor(claimed)) return this.giveUp(claimed, undefined);
    const since = this.unknownSince.get(runId) ?? now;
    this.unknownSince.set(runId, since);
    if (status === 'blocked' || (now - since >= options.unknownNameMs && !(await this.isAnnounced(claimed)))) {
      this.unknownSince.delete(runId);
      const message = `No process knows version ${version} of workflow "${workflow}". Deploy code that has it, then resume the run.`;
      await this.halter.block(claimed, new UnknownNameError(message));
      return;
    }
    logger.warn(
      `no version ${version} of workflow "${workflow}" is registered in this process: run ${runId} waits for a process that has it`,
      { runId },
    );
    return this.giveUp(claimed, now + Math.min(options.recoveryIntervalMs, Math.max(1_000, now - since)));
  }

  private async isAnnounced({ run: { workflow, version } }: ClaimedRun): Promise<boolean> {
    const name = versionName({ name: workflow, version });
    const processes = await this.ports.store.processes(this.ports.clock.now());
    return processes.some(({ workflows }) => workflows.includes(name));
  }

  private async giveUp({ run }: ClaimedRun, wakeAt: number | undefined): Promise<undefined> {
    await this.ports.store.release([{ runId: run.runId, owner: this.ports.options.owner, fence: run.fence, wakeAt }]);
    this.onReleased(run.runId, wakeAt);
  }
}

/** Somebody wants a run that was stopped to go on, or to end. */
export function isAskedFor({ inbox }: ClaimedRun): boolean {
  return inbox.some(isRequest);
}
