import { begun } from './support/ledger.js';
import { endPrograms, type Program } from './support/program.js';
import { Scene } from './support/scene.js';

const NEIGHBOURS = Array.from({ length: 20 }, (_, n) => (n + 1) * 2);

/** Runs twenty workflows beside one that misbehaves, in a process whose leases are 300 ms. */
async function misbehave(how: string): Promise<{ readonly scene: Scene; readonly program: Program }> {
  const scene = await Scene.create();
  return { scene, program: await scene.run('neighbours', { MISBEHAVE: how }) };
}

afterEach(endPrograms);
afterAll(Scene.removeAll);

describe('a promise of a workflow that rejects before it is awaited', () => {
  it.each([
    ['helper rejects at once', 'caught: from a helper'],
    ['helper rejects with its step', 'caught: from a step'],
    ['helper rejects after ordinary work', 'caught: from a timer'],
    ['helper is never awaited', 1],
  ])('harms neither its run nor the others nor the process: %s', async (how, result) => {
    const { program } = await misbehave(how);
    expect(program.output).toEqual([
      `odd ${JSON.stringify(result)}`,
      `neighbours ${JSON.stringify(NEIGHBOURS)}`,
      'fenced 0',
      'closed',
    ]);
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

it('ends the process over a rejection that belongs to no run, as Node.js does', async () => {
  const { program } = await misbehave('nobody handles it');
  expect(await program.exited).toEqual({ code: 1, signal: null });
  expect(program.stderr).toContain('Error: a stray of the application');
  expect(program.output).toEqual([]);
});

it.each(['workflow blocks', 'step blocks'])(
  'a %s the event loop for three leases, and no other run is harmed',
  async (how) => {
    const { scene, program } = await misbehave(how);
    expect(program.output).toEqual(['odd 2', `neighbours ${JSON.stringify(NEIGHBOURS)}`, 'fenced 0', 'closed']);
    const steps = begun(scene.ledger.rows());
    expect(steps.filter((step) => step === 'second')).toHaveLength(NEIGHBOURS.length + 1);
    const expected = how === 'workflow blocks' ? NEIGHBOURS.length + 1 : NEIGHBOURS.length;
    expect(steps.filter((step) => step === 'first')).toHaveLength(expected);
    expect(steps.filter((step) => step === 'blocking')).toHaveLength(how === 'step blocks' ? 1 : 0);
  },
);
