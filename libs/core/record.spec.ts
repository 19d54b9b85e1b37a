import {
  brief,
  cancelRequested,
  codec,
  completed,
  history,
  ordinaryIo,
  scheduled,
  started,
  stateAfter,
  stepCancelled,
  TestRun,
  type TestWorkflow,
  timer,
} from './core.spec-helpers.js';
import type { EventDraft } from './history-event.js';
import { record } from './record.js';

const cancelled: EventDraft = { type: 'workflow.cancelled', payload: codec.encode(new Error('out of reach')) };
const never = (): Promise<never> => new Promise(() => {});

describe('a recorded draft', () => {
  test('has its place behind the last event, and the state has seen it', () => {
    const state = stateAfter(scheduled('a#1'));
    expect(record(state, completed('a#1'), 7)).toEqual([{ ...completed('a#1'), sequence: 3, at: 7 }]);
    expect([state.sequence, state.steps.size]).toEqual([3, 0]);
  });

  test('cancels the step calls that are still open, if it ends the run', () => {
    const state = stateAfter(scheduled('a#1'), timer('sleep#1', 9), scheduled('b#1'));
    expect(record(state, cancelled, 7).map(brief)).toEqual([
      'step.cancelled a#1',
      'step.cancelled b#1',
      'workflow.cancelled',
    ]);
    expect(state.status).toBe('cancelled');
  });
});

describe('a run that nothing can be brought to', () => {
  test.each<[string, boolean, TestWorkflow]>([
    ['an ordinary promise', true, () => never()],
    ['one, beside an open hook of many payloads', true, (run) => [run.hook('h', { multiple: true }), never()][1]],
    ['a side effect', true, (run) => run.sideEffect(never)],
    ['an ordinary promise and a step', false, (run) => Promise.race([never(), run.step('a', [])])],
    ['the next payload of a hook', false, (run) => Promise.all([never(), run.hook('h', { multiple: true })])],
    ['nothing, since it has ended', false, () => 'done'],
  ])('awaits %s: %s', async (_what, isOutOfReach, workflow) => {
    const run = await TestRun.start(workflow);
    expect(run.execution.isOutOfReach).toBe(isOutOfReach);
  });

  test('is not one whose command has not been taken', async () => {
    const run = await TestRun.start((run) => ordinaryIo(5).then(() => (run.setStepContext(1), run.sleepUntil(5))));
    expect(run.execution.isOutOfReach).toBe(true);
    await ordinaryIo(10);
    expect(run.execution.isOutOfReach).toBe(false);
  });

  test('comes to the same end when its history is replayed', async () => {
    const workflow: TestWorkflow = async (run) => {
      const open = run.step('a', []);
      await never();
      return open;
    };
    const drafts = [started(), scheduled('a#1'), cancelRequested, stepCancelled('a#1'), cancelled];
    const run = await TestRun.replay(workflow, history(drafts));
    expect([run.state.status, await run.activate()]).toEqual(['cancelled', []]);
  });
});
