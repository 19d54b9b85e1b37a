import { begun } from './support/ledger.js';
import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';
import { describeDeaths, RESULT, STEPS, WRITES } from './sigkill.spec-helpers.js';

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

it('has ten writes, so that the boundaries below are all there are', async () => {
  const scene = await Scene.create();
  const program = await scene.run('six-steps');
  expect(program.output).toEqual([RESULT, `writes ${WRITES}`]);
  expect(begun(scene.ledger.rows())).toEqual(STEPS);
});

describe('a run that is kept in memory while it waits, and whose process gets SIGKILL', () => {
  describeDeaths(
    5_000,
    Array.from({ length: WRITES }, (_, index) => [`before ${index + 1}`, `after ${index + 1}`]).flat(),
  );
});

describe('a run that is put away while it sleeps, and whose process gets SIGKILL', () => {
  describeDeaths(1, ['before 3', 'after 3', 'before 4', 'after 4', 'before 5', 'in c']);
});
