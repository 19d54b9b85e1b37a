import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';
import { describeDeaths, WRITES } from './sigkill.spec-helpers.js';

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
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
