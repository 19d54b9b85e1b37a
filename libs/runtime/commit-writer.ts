import {
  type Commit,
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

  /** @param goOn takes what was written */
  write<Result>(request: WriteRequest, goOn: (written: Written) => Result | Promise<Result>): Promise<Result> {
    const { events, consumption, lease, isExecuting } = request;
    const gotOn = this.recoveryAttempts > 0 && events.some(isProgress);
    const commit = planCommit(this.state, events, {
      fence: this.fence,
      lease,
      consumes: consumption.consumes,
      forgets: consumption.forgets,
      create: this.create,
      isExecuting,
      recoveryAttempts: gotOn ? 0 : this.recoveryAttempts,
      compactAfter: this.ports.options.compactAfter,
    });
    return this.ports.store.commit(commit).then((result) => {
      if (result.type !== 'token_taken') return goOn(this.written(commit, result, gotOn));
      const conflict = conflictOf(events, result.hookId);
      return this.write({ ...request, events: [...events, conflict], lease: held(lease) }, goOn);
    });
  }

  private written(commit: Commit, result: CommitResult, gotOn: boolean): Written {
    const { counters } = this.ports;
    const { events, compacts, baseSequence, run } = commit;
    if (result.type === 'fenced') counters.onFenced();
    if (result.type !== 'committed') return { result, events, gotOn: false };
    reportCommit(counters, this.state, events);
    if (compacts) this.state.superseded.forget(baseSequence, compacts);
    this.create = undefined;
    this.recoveryAttempts = run.recoveryAttempts;
    return { result, events, gotOn };
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
