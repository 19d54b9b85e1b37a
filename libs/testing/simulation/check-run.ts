import { type Codec, type HistoryEvent, RunState } from '../../core/index.js';
import { compareWithReference } from './compare-with-reference.js';
import { replayFault } from './check-replay.js';
import type { Job } from './clients.js';
import type { Ledger, RunLedger } from './ledger.js';
import { failureOf, type Outcome, recordedOutcome, showOutcome } from './outcome.js';
import { plainOutcome } from './plain.js';
import { stepResult } from './steps.js';
import type { StepNode } from './program.js';

/** @returns what is wrong with a run that has ended */
export async function checkRun(job: Job, run: RunLedger, ledger: Ledger, codec: Codec): Promise<string[]> {
  const faults: string[] = [];
  const recorded = recordedOutcome(run.events, codec);
  if (!recorded) return [`${run.runId} has no end`];
  const { program } = job.workflow;
  const { fault, isUnknowable } = await compareWithReference(program, run.events, codec);
  if (fault) faults.push(fault);
  const isInterrupted = run.events.some(
    ({ type }) => type === 'workflow.cancel_requested' || type === 'workflow.timed_out',
  );
  const plain = isInterrupted ? undefined : plainOutcome(program, job.input);
  if (plain && !isSame(plain, recorded))
    faults.push(`it has ${showOutcome(recorded)}, but plain code ${showOutcome(plain)}`);
  for (const history of isUnknowable ? [] : [await ledger.stored(run.runId), run.events]) {
    const replayed = await replayFault(run.runId, program, history, codec);
    if (replayed) faults.push(`it replays differently: ${replayed}`);
  }
  faults.push(...callFaults(run.events, codec), ...timeFaults(run.events), ...hookFaults(run, ledger));
  return faults.map((fault) => `${run.runId} of ${job.workflow.name}: ${fault}`);
}

function isSame(a: Outcome, b: Outcome): boolean {
  return showOutcome(a) === showOutcome(b);
}

/** Each step call has one outcome, and the right one. */
function callFaults(events: readonly HistoryEvent[], codec: Codec): string[] {
  const faults: string[] = [];
  const calls = new Map<string, readonly [StepNode, number]>();
  for (const event of events) {
    if (event.type === 'step.scheduled') calls.set(event.id, codec.decode(event.payload) as [StepNode, number]);
    if (event.type !== 'step.completed' && event.type !== 'step.failed') continue;
    const [node, input] = calls.get(event.id)!;
    const expected = resultOf(node, input, event.attributes.attempt);
    const value = codec.decode(event.payload);
    const actual = event.type === 'step.completed' ? String(value) : failureError(value);
    const mayTimeOut = node.step === 'limited' && actual === 'WorkflowTimeoutError';
    if (actual !== expected && !mayTimeOut) faults.push(`${event.id} has come to ${actual} instead of ${expected}`);
  }
  const open = new RunState('');
  for (const event of events)
    if (!event.type.startsWith('workflow.c') && event.type !== 'workflow.failed') open.apply(event);
  for (const id of open.steps.keys()) faults.push(`${id} has no outcome`);
  return faults;
}

function resultOf(node: StepNode, input: number, attempt: number): string {
  if (node.doomed === 'hangs') return 'WorkflowTimeoutError';
  try {
    return String(stepResult(node, input, attempt));
  } catch (error) {
    return failureError(error);
  }
}

function failureError(error: unknown): string {
  const outcome = failureOf(error);
  return 'error' in outcome ? outcome.error : '';
}

/** Nothing fires before its time. */
function timeFaults(events: readonly HistoryEvent[]): string[] {
  const dueAt = new Map<string, number>();
  return events.flatMap((event) => {
    if (event.type === 'sleep.started') dueAt.set(event.id, event.attributes.fireAt);
    if (event.type === 'hook.created' && event.attributes.expiresAt !== undefined)
      dueAt.set(event.id, event.attributes.expiresAt);
    const isTimed = event.type === 'sleep.completed' || event.type === 'hook.expired';
    return isTimed && event.at < dueAt.get(event.id)! ? [`${event.type} ${event.id} has come before its time`] : [];
  });
}

/** What a hook has accepted the run has received, in that order, unless it closed the hook or ended. */
function hookFaults(run: RunLedger, ledger: Ledger): string[] {
  return [...run.accepted].flatMap(([id, accepted]) => {
    const received = ledger.received(run, id);
    const faults: string[] = [];
    if (new Set(accepted).size < accepted.length)
      faults.push(`hook ${id} has accepted the same twice: ${accepted.join()}`);
    if (id.startsWith('hook') && accepted.length > 1) faults.push(`hook ${id} has accepted ${accepted.join()}`);
    if (received.some((deliveryId, index) => deliveryId !== accepted[index]))
      faults.push(`hook ${id} has accepted ${accepted.join()} and received ${received.join()}`);
    const hasExpired = run.events.some((event) => event.type === 'hook.expired' && event.id === id);
    if (hasExpired && received.length < accepted.length)
      faults.push(`hook ${id} has accepted ${accepted.join()}, received ${received.join()}, and expired`);
    return faults;
  });
}
