import { endPrograms } from '../processes/support/program.js';
import { main } from './main.js';
import { runScenario } from './run-scenario.js';
import { killStorm } from './scenarios/kill-storm.js';
import { Servers } from './servers/servers.js';

let servers: Servers | undefined;

afterAll(async () => {
  await endPrograms();
  await servers?.stop();
});

it('ends every run right after a few kills of processes in the middle of runs', async () => {
  servers = await Servers.start();
  const progress: string[] = [];
  const { faults, runs, harms } = await runScenario(killStorm, {
    servers,
    kind: 'postgres',
    seed: 1,
    scale: 0.3,
    say: (line) => progress.push(line),
  });
  expect(faults.length > 0 ? [...faults, ...progress] : faults).toEqual([]);
  expect(harms).toBe(6);
  expect(runs).toBeGreaterThanOrEqual(30);
}, 180_000);

it.each([
  [['--seed', 'one'], '--seed takes a whole number; it is "one".'],
  [['--minutes', '0'], '--minutes takes a number above 0; it is "0".'],
  [['--scenarios', 'kill-strom'], 'one is "kill-strom"'],
  [['--deployment', 'mars'], '--deployment takes postgres, cluster or all; it is "mars".'],
  [
    ['--deployment', 'postgres', '--scenarios', 'redis-down'],
    'None of these scenarios is for the deployment "postgres"',
  ],
])('refuses %j', async (args, message) => {
  await expect(main(args)).rejects.toThrow(message);
});
