import {
  type ClaimedRun,
  type EventDraft,
  type InboxMessage,
  planCommit,
  record,
  WorkflowCancelledError,
} from '../core/index.js';
import { WorkerLostError } from './errors.js';
import type { EnginePorts } from './ports.js';
import type { WorkflowDefinition } from './registry.js';
import { reportCommit } from './report-commit.js';
import type { SessionLoader } from './session-loader.js';

/** Stops or ends runs without their code: because it does not match, is missing, or is suspected of killing its process. */
export class RunHalter {
  constructor(
    private readonly ports: EnginePorts,
    private readonly loader: SessionLoader,
  ) {}

  /** Blocks a run until fixed code is deployed; one that is to be cancelled ends, since its code cannot be asked. */
  async block(claimed: ClaimedRun, error: unknown): Promise<void> {
    const { run, inbox } = claimed;
    if (inbox.some(({ draft }) => draft.type === 'workflow.cancel_requested')) {
      const payload = this.ports.codec.encode(
        new WorkflowCancelledError('The run was cancelled while it was blocked.'),
      );
      return this.write(claimed, [{ type: 'workflow.cancel_requested' }, { type: 'workflow.cancelled', payload }]);
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const isNews = run.status !== 'blocked' || run.reason !== reason;
    if (isNews)
      this.ports.logger.error(`run ${run.runId} is blocked: ${reason}`, { runId: run.runId, workflow: run.workflow });
    await this.write(claimed, isNews ? [{ type: 'workflow.blocked', attributes: { reason } }] : []);
  }

  /** @returns whether a run that was executing when its process died must not go on as it is. */
  async stopSuspect(claimed: ClaimedRun, definition: WorkflowDefinition): Promise<boolean> {
    const { codec, logger, options } = this.ports;
    const { runId, workflow, recoveryAttempts } = claimed.run;
    if (!definition.recoverOnWorkerLoss) {
      const payload = codec.encode(new WorkerLostError(runId));
      await this.write(claimed, [{ type: 'workflow.failed', payload }]);
      return true;
    }
    if (recoveryAttempts <= (definition.maxRecoveryAttempts ?? options.maxRecoveryAttempts)) return false;
    const reason = `its process died ${recoveryAttempts} times in the middle of this run; resume it when the cause is mended`;
    logger.error(`run ${runId} is paused: ${reason}`, { runId, workflow });
    await this.write(claimed, [{ type: 'workflow.paused', attributes: { reason } }]);
    return true;
  }

  private async write({ run, inbox }: ClaimedRun, drafts: readonly EventDraft[]): Promise<void> {
    const { store, clock, options, counters, notifier } = this.ports;
    const state = await this.loader.readState(run);
    const now = clock.now();
    const events = drafts.flatMap((draft) => record(state, draft, now));
    const lease = { type: 'release' as const, owner: options.owner, until: now + options.leaseMs };
    const consumes = inbox.filter(isRequest).map(({ key }) => key);
    const result = await store.commit(
      planCommit(state, events, { fence: run.fence, lease, consumes, isExecuting: false, recoveryAttempts: 0 }),
    );
    if (result.type !== 'committed') return;
    reportCommit(counters, state, events);
    if (state.result !== undefined) notifier.publish({ type: 'run.ended', runId: run.runId });
  }
}

/** Somebody asks for a run that was stopped to go on, or to end. */
export function isRequest({ draft }: InboxMessage): boolean {
  return draft.type === 'workflow.resumed' || draft.type === 'workflow.cancel_requested';
}
