import {
  type CommitResult,
  type HistoryEvent,
  isOutcomeEvent,
  type LeaseChange,
  type NewRun,
  planCommit,
  type RunState,
} from '../core/index.js';
import type { Consumption } from './pending.js';
import type { EnginePorts } from './ports.js';
import { reportCommit } from './report-commit.js';

export interface WriteRequest {
  readonly events: readonly HistoryEvent[];
  readonly consumption: Consumption;
  readonly lease: LeaseChange;
  readonly isExecuting: boolean;
}

export interface Written {
  readonly result: CommitResult;
  /** What was written: as asked for, and a conflict behind it for each hook whose token was taken. */
  readonly events: readonly HistoryEvent[];
  /** The run has got on since its process died. */
  readonly gotOn: boolean;
}

/** Writes a run's commits under the fence of the process that holds it. */
export class CommitWriter {
  constructor(
    private readonly ports: EnginePorts,
    private readonly state: RunState,
    private readonly fence: number,
    private recoveryAttempts: number,
    private create: NewRun | undefined,
  ) {}

  /** The run's first commit is written. */
  get hasCreated(): boolean {
    return this.create === undefined;
  }

  async write(request: WriteRequest): Promise<Written> {
    const { store, counters, options } = this.ports;
    const { compactAfter } = options;
    const { events, consumption, lease, isExecuting } = request;
    const gotOn = this.recoveryAttempts > 0 && events.some(isProgress);
    const recoveryAttempts = gotOn ? 0 : this.recoveryAttempts;
    const { fence, create } = this;
    const context = { fence, lease, ...consumption, create, isExecuting, recoveryAttempts, compactAfter };
    const commit = planCommit(this.state, events, context);
    const result = await store.commit(commit);
    if (result.type === 'token_taken')
      return this.write({
        ...request,
        events: [...events, conflictOf(events, result.hookId)],
        lease: held(lease),
      });
    if (result.type === 'fenced') counters.onFenced();
    if (result.type === 'committed') {
      reportCommit(counters, this.state, events);
      if (commit.compacts) this.state.superseded.forget(commit.baseSequence, commit.compacts);
      this.create = undefined;
      this.recoveryAttempts = recoveryAttempts;
    }
    return { result, events, gotOn: gotOn && result.type === 'committed' };
  }
}

/** The code has not seen the conflict, so the run cannot be given up with it. */
function held({ owner, until }: LeaseChange): LeaseChange {
  return { type: 'hold', owner, until };
}

function conflictOf(events: readonly HistoryEvent[], id: string): HistoryEvent {
  const last = events.at(-1)!;
  return { type: 'hook.conflicted', id, sequence: last.sequence + 1, at: last.at };
}

/** What shows that a run survives what killed its process. */
function isProgress(event: HistoryEvent): boolean {
  return (
    isOutcomeEvent(event) ||
    event.type === 'step.retrying' ||
    event.type === 'step.exhausted' ||
    event.type.startsWith('workflow.c')
  );
}
