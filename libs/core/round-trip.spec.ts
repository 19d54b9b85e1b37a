import { draftOf, ordinaryIo, patience, TestRun, type TestWorkflow } from './core.spec-helpers.js';
import { type EventDraft, type HistoryEvent, isCommandEvent, isOutcomeEvent } from './history-event.js';
import { type Deed, Dice, type Grammar, perform, randomDeed, randomOutcomes } from './random-workflow.spec-helpers.js';

interface Activation {
  readonly outcomes: readonly EventDraft[];
  readonly now: number;
  /** What it added to the history. */
  readonly transcript: readonly EventDraft[];
  /** How much history there was before it. */
  readonly boundary: number;
}

interface Life {
  readonly workflow: TestWorkflow;
  readonly run: TestRun;
  readonly activations: readonly Activation[];
}

const SEEDS = 80;
const MOST_ACTIVATIONS = 30;

/** Lives a random workflow through random outcomes. */
async function live(seed: number, grammar: Grammar, options: { interruptions: boolean; io: boolean }): Promise<Life> {
  const dice = new Dice(seed);
  const deed: Deed = randomDeed(dice, grammar);
  const workflow: TestWorkflow = (run) => perform(run, deed, !options.io);
  const run = await TestRun.start(workflow);
  const activations: Activation[] = [];
  while (!run.execution.isSettled && activations.length < MOST_ACTIVATIONS) {
    if (options.io) await ordinaryIo(dice.upTo(8));
    run.now += dice.upTo(5);
    const outcomes = randomOutcomes(dice, run.state, options.interruptions);
    const boundary = run.history.length;
    activations.push({ outcomes, now: run.now, boundary, transcript: await run.activate(...outcomes) });
  }
  return { workflow, run, activations };
}

const strict = {
  onChangedInput: (id: string): void => {
    throw new Error(`the arguments of ${id} have changed`);
  },
};

describe('a random workflow that is taken up from its history', () => {
  const PURE: Grammar = {
    kinds: [
      ...(['step', 'step', 'hook', 'payloads', 'sleep', 'hops', 'effect'] as const),
      ...(['sequence', 'all', 'race', 'any', 'allSettled', 'attempt', 'held', 'shielded', 'within'] as const),
    ],
    stepNames: 2,
    hookNames: 2,
  };

  /** Takes the run up at each boundary: it must have nothing new to ask for, and live the same life from there. */
  async function checkEveryBoundary({ workflow, run, activations }: Life): Promise<void> {
    for (const [index, { boundary }] of activations.entries()) {
      const taken = await TestRun.replay(workflow, run.history.slice(0, boundary), strict);
      expect(await taken.activate()).toEqual([]);
      expect(taken.execution.isParked).toBe(true);
      for (const { outcomes, now, transcript } of activations.slice(index)) {
        taken.now = now;
        expect(await taken.activate(...outcomes)).toEqual(transcript);
      }
      expect(taken.history).toEqual(run.history);
      expect(taken.state).toEqual(run.state);
      expect(taken.execution.isSettled).toBe(run.execution.isSettled);
    }
  }

  test('at any boundary between activations lives the same life from there', async () => {
    let ended = 0;
    let boundaries = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const life = await live(seed, PURE, { interruptions: true, io: false });
      await checkEveryBoundary(life).catch(named(seed));
      if (life.run.execution.isSettled) ended += 1;
      boundaries += life.activations.length;
    }
    // Most of the lives are worth living.
    expect(ended).toBeGreaterThan(SEEDS * 0.9);
    expect(boundaries).toBeGreaterThan(SEEDS * 1.5);
  });

  const BUSY: Grammar = {
    kinds: [
      'step',
      'step',
      'hook',
      'sleep',
      'io',
      'io',
      'hops',
      'sequence',
      'sequence',
      'all',
      'attempt',
      'held',
      'shielded',
    ],
    stepNames: 2,
  };

  /** Takes the run up behind so much of its history, and lets the rest of its outcomes come. */
  async function checkEnd({ workflow, run }: Life, boundary: number): Promise<void> {
    const options = { ...strict, patience: patience(50) };
    const taken = await TestRun.replay(workflow, run.history.slice(0, boundary), options);
    for (const outcome of run.history.slice(boundary).filter(isAnswer).map(draftOf)) {
      await untilOpen(taken, outcome);
      await taken.activate(outcome);
    }
    await untilSettled(taken);
    expect(taken.transcript.at(-1)).toEqual(run.transcript.at(-1));
  }

  const lastBoundary = ({ run }: Life): number => 1 + Math.max(0, run.history.findLastIndex(isOutcomeEvent));

  test('with ordinary I/O between its steps comes to the same end', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const life = await live(seed, BUSY, { interruptions: false, io: true });
      const last = lastBoundary(life);
      for (const boundary of [...life.activations.map((each) => each.boundary), last].filter((index) => index <= last))
        await checkEnd(life, boundary).catch(named(seed));
    }
  });

  test('with ordinary I/O, and interrupted amid it, comes to the same end', async () => {
    for (let seed = 1; seed <= 4 * SEEDS; seed++) {
      const life = await live(seed, BUSY, { interruptions: true, io: true });
      // How far its code was when it was interrupted is known for the whole history alone.
      await checkEnd(life, lastBoundary(life)).catch(named(seed));
    }
  });
});

function named(seed: number): (error: unknown) => never {
  return (error) => {
    throw new Error(`seed ${seed}`, { cause: error });
  };
}

/** Whether it came from the world: an outcome, or word of an attempt. */
function isAnswer(event: HistoryEvent): boolean {
  return !isCommandEvent(event) && !event.type.startsWith('workflow.');
}

/** Lets ordinary I/O come to the command that an outcome answers. */
async function untilOpen(run: TestRun, outcome: EventDraft): Promise<void> {
  for (let turns = 0; turns < 50 && !run.state.accepts(outcome); turns++) {
    await ordinaryIo();
    await run.activate();
  }
}

async function untilSettled(run: TestRun): Promise<void> {
  await run.activate();
  for (let turns = 0; turns < 100 && !run.execution.isSettled; turns++) {
    await ordinaryIo();
    await run.activate();
  }
}
