import {
  brief,
  cancelRequested,
  commandsAfter,
  completed,
  completedRun,
  fired,
  ordinaryIo,
  patience,
  scheduled,
  type TestOptions,
  type TestWorkflow,
  timer,
} from './core.spec-helpers.js';

describe('two calls of one name that ordinary awaits have swapped', () => {
  /** Two lanes that ask for the same things; how long each is busy before it does differs from one life to the next. */
  const lanes =
    (busy: Record<string, number>): TestWorkflow =>
    (run) => {
      const lane = async (name: string): Promise<unknown> => {
        await ordinaryIo(busy[name]);
        await run.sleepUntil(name === 'a' ? 5 : 9);
        return run.step('charge', [name]);
      };
      return Promise.all([lane('a'), lane('b')]);
    };
  const slowA = lanes({ a: 4, b: 1 });
  const slowB = lanes({ a: 1, b: 4 });
  const changed: string[] = [];
  const watched: TestOptions = { onChangedInput: (id) => changed.push(id), patience: patience(9) };

  test('are told apart by their arguments', async () => {
    const recorded = [timer('sleep#1', 5), timer('sleep#2', 9), fired('sleep#1'), scheduled('charge#1', 'a')];
    expect(await commandsAfter(slowA, recorded, watched)).toEqual([]);
    const both = [...recorded, fired('sleep#2'), scheduled('charge#2', 'b'), completed('charge#2', 'of b')];
    expect(await commandsAfter(slowA, [...both, completed('charge#1', 'of a')], watched)).toEqual([
      completedRun(['of a', 'of b']),
    ]);
    expect(await commandsAfter(slowB, [...both, completed('charge#1', 'of a')], watched)).toEqual([
      completedRun(['of a', 'of b']),
    ]);
    expect(changed).toEqual([]);
  });

  test('go on with their new ids', async () => {
    const swapped: TestWorkflow = (run) => {
      const lane = async (name: string, turns: number): Promise<unknown> => {
        await ordinaryIo(turns);
        return run.step('charge', [name]).catch((error: Error) => [name, error.name]);
      };
      return Promise.all([lane('a', 1), lane('b', 3)]);
    };
    const recorded = [scheduled('charge#1', 'b'), scheduled('charge#2', 'a'), cancelRequested];
    const commands = await commandsAfter(swapped, recorded, watched);
    expect(commands.slice(0, 2).map(brief)).toEqual(['step.cancelled charge#1', 'step.cancelled charge#2']);
    expect(changed).toEqual([]);
  });

  test('are told apart although one of them was dropped', async () => {
    const workflow: TestWorkflow = async (run) => {
      const lost = run.sleepUntil(5);
      run.dropTimer(lost);
      const kept = run.sleepUntil(9).then(() => 'kept');
      return Promise.race([kept, lost.then(() => 'lost'), run.step('a', []).then(() => 'neither')]);
    };
    const recorded = [timer('sleep#1', 9), timer('sleep#2', 5), scheduled('a#1')];
    expect(await commandsAfter(workflow, [...recorded, fired('sleep#2'), completed('a#1')], watched)).toContainEqual(
      completedRun('neither'),
    );
  });
});

describe('arguments that have changed', () => {
  /** How often patience was asked about each recorded command. */
  async function asked(workflow: TestWorkflow, recorded: Parameters<typeof commandsAfter>[1]): Promise<number[]> {
    const counts: number[] = [];
    const end = patience(20);
    await commandsAfter(workflow, recorded, {
      patience: (tries) => {
        if (tries === 0) counts.push(0);
        counts[counts.length - 1]! += 1;
        return end(tries);
      },
    });
    return counts;
  }
  const both: TestWorkflow = (run) => Promise.all([run.step('a', ['new']), run.step('b', ['new'])]);

  test('are believed of a step when patience is at its end, since its twin may be late', async () => {
    expect(await asked(both, [scheduled('a#1', 'old'), scheduled('b#1', 'new')])).toEqual([21]);
  });

  test('are believed of further steps after a few looks', async () => {
    expect(await asked(both, [scheduled('a#1', 'old'), scheduled('b#1', 'old')])).toEqual([21, 6]);
  });

  test('are believed of a timer after a few looks, since it moves with each ordinary await before it', async () => {
    expect(await asked((run) => run.sleepUntil(5), [timer('sleep#1', 9)])).toEqual([6]);
  });
});
