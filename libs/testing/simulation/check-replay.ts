import { type Codec, Execution, type HistoryEvent, macrotaskTurn, replay, RunState } from '../../core/index.js';
import { checkpoint, currentScope, runInWorkflow, SILENT_LOGGER } from '../../runtime/index.js';
import { enginePrimitives } from './engine-primitives.js';
import type { Program } from './program.js';
import { referenceEntropy } from './reference-entropy.js';
import { runProgram } from './run-program.js';

/**
 * Takes a new execution through a history to its end.
 *
 * @returns what it does otherwise than the one that wrote the history; undefined if nothing
 */
export async function replayFault(
  runId: string,
  program: Program,
  history: readonly HistoryEvent[],
  codec: Codec,
): Promise<string | undefined> {
  const [started, ...rest] = history;
  const end = rest.at(-1);
  if (started?.type !== 'workflow.started' || !end) return 'its history has no beginning or no end';
  // The engine records the open calls that a run leaves behind; the code does not ask for it.
  const bodyEnd = rest.findLastIndex((event) => event !== end && event.type !== 'step.cancelled') + 1;
  const state = new RunState(runId);
  state.apply(started);
  // Ordinary awaits are over when the history needs them to be.
  const ordinaries: (() => void)[] = [];
  const patience = async (): Promise<boolean> => {
    const goOn = ordinaries.shift();
    goOn?.();
    await macrotaskTurn();
    return goOn !== undefined;
  };
  const execution = begin(runId, program, started, codec, () => new Promise((resolve) => ordinaries.push(resolve)));
  try {
    await replay(execution, state, [rest.slice(0, bodyEnd)], patience);
  } catch (error) {
    // What is asked for after the end does not count: an ordinary await may have been quicker than the end.
    if (!execution.isSettled) return String(error);
  }
  for (const event of rest.slice(bodyEnd, -1)) if (event.type === 'step.cancelled') execution.match(event);
  execution.endReplay();
  await macrotaskTurn();
  while (!execution.isSettled && (await patience()));
  const last = execution.log.lastCommand;
  execution.kill();
  const [asked, recorded] = [showEnd(last, codec), showEnd(end, codec)];
  return asked === recorded ? undefined : `it ends with ${asked} instead of ${recorded}`;
}

function begin(
  runId: string,
  program: Program,
  started: Extract<HistoryEvent, { type: 'workflow.started' }>,
  codec: Codec,
  ordinary: () => Promise<void>,
): Execution {
  const execution = new Execution({ codec, entropy: referenceEntropy(started.attributes.seed), currentScope });
  const context = {
    kind: 'workflow' as const,
    runId,
    workflowName: started.attributes.workflow,
    tags: [],
    checkpoint,
    logger: SILENT_LOGGER,
    isReplaying: true,
  };
  // A side effect that the history does not hold was never over.
  const primitives = enginePrimitives({ ordinary, sideEffect: () => new Promise(() => {}) });
  const workflow = ([input]: unknown[]): unknown =>
    runInWorkflow(context, execution, () => runProgram(program, input as number, primitives));
  execution.start(workflow, started.payload, started.at);
  return execution;
}

function showEnd(end: { readonly type: string; readonly payload?: string } | undefined, codec: Codec): string {
  const value = end?.payload === undefined ? undefined : codec.decode(end.payload);
  return `${end?.type} ${value instanceof Error ? `${value.name}: ${value.message}` : String(value)}`;
}
