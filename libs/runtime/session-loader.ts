import {
  type ClaimedRun,
  type Commit,
  Execution,
  type HistoryEvent,
  macrotaskTurn,
  type NewRun,
  NonDeterminismError,
  type Patience,
  type Payload,
  planCommit,
  replay,
  type RunRecord,
  RunState,
} from '../core/index.js';
import { currentScope, leavingRun, runInWorkflow } from './context.js';
import { ContextOfWorkflow } from './contexts-of-code.js';
import { newSeed, SeededEntropy } from './entropy.js';
import { guardOf } from './guarded-globals/guard.js';
import type { EngineLogger } from './logger.js';
import type { EnginePorts } from './ports.js';
import { readHistory } from './read-history.js';
import type { WorkflowDefinition } from './registry.js';
import { Session } from './session.js';
import type { SessionHost, SessionStart } from './session-host.js';

/** How long to leave the event loop to itself between two looks at code that awaits something ordinary. */
const PATIENCE_STEP_MS = 10;

/** How often to leave the event loop to itself for a turn only, before that. */
const PATIENCE_TURNS = 3;

export interface RunStart {
  readonly runId: string;
  readonly input: Payload;
  readonly create: Omit<NewRun, 'createdAt' | 'workflow' | 'version'>;
}

/** Brings runs into memory: from their history, or as new ones. */
export class SessionLoader {
  private readonly ports: EnginePorts;
  private readonly workflowLogger: EngineLogger;

  constructor(private readonly host: SessionHost) {
    this.ports = host.ports;
    this.workflowLogger = leavingRun(host.ports.logger);
  }

  /** A run that is not stored yet, and its first event. */
  create(
    definition: WorkflowDefinition,
    start: RunStart,
  ): { readonly session: Session; readonly started: HistoryEvent } {
    const { state, started, create } = this.newRun(definition, start);
    const session = new Session(this.host, {
      state,
      ...this.enter(definition, state, create.tags, { isNew: true }),
      tags: create.tags,
      fence: 1,
      recoveryAttempts: 0,
      inbox: [],
      create,
    });
    return { session, started };
  }

  /** The commit of a new run that this process does not run. */
  pending(definition: WorkflowDefinition, start: RunStart): Commit {
    const { state, started, create } = this.newRun(definition, start);
    const lease = { type: 'release' as const, owner: this.ports.options.owner, until: state.at, wakeAt: state.at };
    const commit = planCommit(state, [started], {
      fence: 1,
      lease,
      consumes: [],
      create,
      isExecuting: false,
      recoveryAttempts: 0,
    });
    return { ...commit, run: { ...commit.run, status: 'pending' } };
  }

  /** Rebuilds a claimed run from its history. @throws NonDeterminismError if the code does not match it. */
  async load({ run, inbox }: ClaimedRun, definition: WorkflowDefinition): Promise<Session> {
    const rebuilt = await this.rebuild(run, definition, false).catch((error: unknown) => {
      // Once more, remembering where each command was issued, which is too slow to do always.
      if (error instanceof NonDeterminismError) return this.rebuild(run, definition, true);
      throw error;
    });
    return new Session(this.host, {
      ...rebuilt,
      tags: run.tags,
      fence: run.fence,
      recoveryAttempts: run.recoveryAttempts,
      inbox,
    });
  }

  /** What the history of a run says, without its code. */
  async readState(run: RunRecord): Promise<RunState> {
    const state = new RunState(run.runId);
    for await (const page of this.history(run)) for (const event of page) state.apply(event);
    return state;
  }

  private history(run: RunRecord): Pages {
    return readHistory(this.ports.store.events, run);
  }

  private async rebuild(
    run: RunRecord,
    definition: WorkflowDefinition,
    traceCommands: boolean,
  ): Promise<EnteredCode & { readonly state: RunState }> {
    const state = new RunState(run.runId);
    const pages = this.history(run);
    const { value: first = [] } = await pages.next();
    const [started, ...rest] = first as readonly HistoryEvent[];
    state.apply(started!);
    this.ports.counters.onReplay(definition.name);
    const code = this.enter(definition, state, run.tags, { isNew: run.sequence === 1, traceCommands });
    try {
      await replay(code.execution, state, withFirst(rest, pages), this.patience());
    } catch (error) {
      code.execution.kill();
      throw error;
    }
    code.execution.endReplay();
    return { state, ...code };
  }

  /** Calls the workflow's code, which goes on to its first durable wait. */
  private enter(
    definition: WorkflowDefinition,
    state: RunState,
    tags: readonly string[],
    { isNew, traceCommands = false }: { readonly isNew: boolean; readonly traceCommands?: boolean },
  ): EnteredCode {
    const { codec, logger, options } = this.ports;
    const execution = new Execution({
      codec,
      entropy: new SeededEntropy(state.started.seed),
      currentScope,
      traceCommands,
      hookBaseUrl: options.hookBaseUrl,
      onChangedInput: (id) => this.changedInput(state, id),
      checkStepContext: definition.checkStepContext,
    });
    const context = new ContextOfWorkflow(state.runId, definition.name, tags, execution, this.workflowLogger);
    // What a new run does before its first wait is no replay: its lines are logged.
    if (isNew) execution.endReplay();
    const guard = guardOf(options.guardGlobals, logger, { runId: state.runId, workflow: definition.name });
    const workflow = (args: readonly unknown[]): unknown =>
      runInWorkflow(context, execution, () => definition.invoke(args), guard);
    execution.start(workflow, state.input, state.at);
    return { execution, guard };
  }

  private newRun(
    definition: WorkflowDefinition,
    { runId, input, create }: RunStart,
  ): { state: RunState; started: HistoryEvent; create: NewRun } {
    const now = this.ports.clock.now();
    const state = new RunState(runId);
    const attributes = {
      workflow: definition.name,
      version: definition.version,
      seed: (this.ports.newSeed ?? newSeed)(),
      ...(definition.maxDurationMs === undefined ? undefined : { deadline: now + definition.maxDurationMs }),
    };
    const started = state.place({ type: 'workflow.started', payload: input, attributes }, now);
    state.apply(started);
    return {
      state,
      started,
      create: { workflow: definition.name, version: definition.version, createdAt: now, ...create },
    };
  }

  private changedInput(state: RunState, id: string): void {
    if (this.ports.options.onChangedInput === 'block') {
      throw new NonDeterminismError(
        state.sequence,
        `step ${id} with its recorded arguments`,
        `step ${id} with other arguments`,
      );
    }
    this.ports.logger.warn(
      `the code calls step ${id} with other arguments than its history recorded; the recorded result is used`,
      {
        runId: state.runId,
        stepId: id,
      },
    );
  }

  /** Counts its waits and not the time, which passes as well while the process stands still. */
  private patience(): Patience {
    const { clock, options } = this.ports;
    const waits = options.replayPatienceMs / PATIENCE_STEP_MS;
    return async (tries) => {
      if (tries >= PATIENCE_TURNS + waits) return false;
      if (tries < PATIENCE_TURNS) await macrotaskTurn();
      else await new Promise<void>((resolve) => clock.schedule(clock.now() + PATIENCE_STEP_MS, resolve));
      return true;
    };
  }
}

type EnteredCode = Pick<SessionStart, 'execution' | 'guard'>;
type Pages = AsyncGenerator<readonly HistoryEvent[], void, undefined>;

async function* withFirst(page: readonly HistoryEvent[], rest: Pages): Pages {
  yield page;
  yield* rest;
}
