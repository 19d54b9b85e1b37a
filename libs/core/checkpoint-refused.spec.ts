import { completed, ordinaryIo, TestRun, type TestWorkflow } from './core.spec-helpers.js';
import { livedThrough } from './checkpoint.spec-helpers.js';
import type { Execution } from './execution.js';
import type { EventDraft } from './history-event.js';

/** What the checkpoint in it is refused with. */
async function refusal(workflow: TestWorkflow, ...outcomes: EventDraft[]): Promise<string> {
  const run = await livedThrough(async (run) => {
    try {
      return await workflow(run);
    } catch (error) {
      return Object.assign({ code: (error as { code?: string }).code }, { message: (error as Error).message });
    }
  }, outcomes);
  const { code, message } = run.result as { code: string; message: string };
  expect(code).toBe('CHECKPOINT');
  return message;
}

describe('a checkpoint is refused', () => {
  test.each<[string, TestWorkflow, string]>([
    ['a step', (run) => void run.step('a', []), 'step a#1 is open'],
    ['a timer', (run) => void run.sleepUntil(5), 'timer sleep#1 is open'],
    ['a hook of one payload', (run) => void run.hook('h', {}), 'hook h#1 is open'],
    ['a side effect', (run) => void run.sideEffect(() => ordinaryIo(9)), 'side effect side_effect#1 is open'],
    [
      'a hook that is being read',
      (run) => void run.hook('h', { multiple: true })[Symbol.asyncIterator]().next(),
      'hook h#1 is being read',
    ],
  ])('while %s is open', async (_what, open, problem) => {
    const message = await refusal(async (run) => {
      open(run);
      await run.checkpoint({}, 'c');
    });
    expect(message).toMatch(`Checkpoint "c#1" cannot be saved: ${problem}. Await it first, or end it: race()`);
  });

  test('while a hook is open that was made in the loop', async () => {
    const message = await refusal(async (run) => {
      const state = {};
      for (;;) {
        await run.checkpoint(state, 'c');
        run.hook('h', { multiple: true });
      }
    });
    expect(message).toMatch(
      'Checkpoint "c#2" cannot be saved: hook h#1 is open, which was created in the loop. Create it',
    );
  });

  test('when it is called in two places', async () => {
    const message = await refusal(async (run) => {
      const state = {};
      await run.checkpoint(state, 'c');
      await run.checkpoint(state, 'c');
    });
    expect(message).toMatch(/"c#2".*called at .*checkpoint-refused\.spec\.ts.*was called at .*a name of its own/);
  });

  test('when it is called with another object', async () => {
    const message = await refusal(async (run) => {
      for (;;) await run.checkpoint({}, 'c');
    });
    expect(message).toMatch(/"c#2".*another object.*the same object in every round\. If this is another loop, give/);
  });

  test.each<[string, (run: Execution, inbox: ReturnType<Execution['hook']>) => unknown]>([
    ['calls a step', (run) => run.step('a', [])],
    ['sleeps', (run) => run.sleepUntil(9)],
    ['opens a hook', (run) => run.hook('h', {})],
    ['reads a hook', (_run, inbox) => inbox[Symbol.asyncIterator]().next()],
    ['closes a hook', (_run, inbox) => inbox.close()],
    ['has a side effect', (run) => run.sideEffect(() => 1)],
    ['sets the context of its steps', (run) => run.setStepContext(1)],
    ['asks for another', (run) => run.checkpoint({}, 'd')],
  ])('while the code %s before it is saved', async (_what, goOn) => {
    const message = await refusal(async (run) => {
      const inbox = run.hook('inbox', { multiple: true });
      void run.checkpoint({}, 'c');
      await goOn(run, inbox);
    });
    expect(message).toMatch(
      'Checkpoint "c#1" cannot be saved: the workflow goes on before it is saved. Await checkpoint()',
    );
  });

  test('with what cannot be stored, or cannot be changed', async () => {
    const run = await TestRun.start(async (run) => {
      const messages: unknown[] = [];
      const note = (error: Error): unknown => messages.push(error.message);
      for (const state of [{ f: () => 1 }, Object.freeze({ a: 1 })]) {
        try {
          await run.checkpoint(state, `c${messages.length}`);
        } catch (error) {
          note(error as Error);
        }
      }
      return messages;
    });
    expect(run.result).toEqual(['A function cannot be stored.', expect.stringMatching(/delete property 'a'/)]);
  });

  test('and can be asked for again once nothing is open', async () => {
    const workflow: TestWorkflow = async (run) => {
      const state = { round: 0 };
      const loop = async (): Promise<void> => {
        await run.checkpoint(state, 'c');
      };
      const step = run.step('a', []);
      await loop().catch(() => {});
      await step;
      await loop();
      return 'saved';
    };
    const run = await livedThrough(workflow, [completed('a#1')]);
    expect(run.result).toBe('saved');
    const again = await run.replayed(workflow);
    expect(again.execution.isSettled).toBe(true);
  });
});
