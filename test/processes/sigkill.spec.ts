import { begun } from './support/ledger.js';
import { endPrograms, type Exit } from './support/program.js';
import { Scene } from './support/scene.js';
import { describeDeaths, RESULT, STEPS, WRITES } from './sigkill.spec-helpers.js';

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

// Before and after each commit: sigkill.long.spec.ts.
describe('a run that is kept in memory while it waits, and whose process gets SIGKILL', () => {
  describeDeaths(
    5_000,
    STEPS.map((step) => `in ${step}`),
  );
});

it('ends although each of its processes dies right after the first commit that it makes', async () => {
  const scene = await Scene.create();
  const exits: Exit[] = [];
  for (let process = 0; process < WRITES; process++) {
    exits.push(await (await scene.run('six-steps', { KILL: 'after 1' })).exited);
  }
  const last = await scene.run('six-steps');
  expect(last.output[0]).toBe(RESULT);
  expect(exits.map(({ signal }) => signal)).toEqual(exits.map(() => 'SIGKILL'));
  expect(begun(scene.ledger.rows())).toEqual(STEPS);
}, 60_000);
