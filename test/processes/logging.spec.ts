import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';
import { until } from './support/until.js';

afterEach(endPrograms);
afterAll(Scene.removeAll);

type Line = Readonly<Record<string, unknown>>;

/** What a process wrote of the application, without what Nest says of itself. */
function linesOf(output: readonly string[]): readonly Line[] {
  const contexts = ['OrderWorkflow', 'Steps', 'Main', undefined];
  const lines = output
    .map((line) => JSON.parse(line) as Line)
    .filter(({ context }) => contexts.includes(context as string));
  const ofItself = ['time', 'pid', 'hostname', 'context'];
  return lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !ofItself.includes(name))));
}

const run = { runId: 'r1', workflow: 'order' };
const charge = { ...run, step: 'charge', stepId: 'charge#1', attempt: 1 };
const ship = { ...run, step: 'ship', stepId: 'ship#1' };

it('writes each line of a run once, as JSON with run, workflow, step and attempt, though its process is killed', async () => {
  const scene = await Scene.create();
  const env = { NODE_ENV: 'production' };
  const first = scene.start('logging', { ...env, HANG: '1' });
  await until(
    () => first.output.some((line) => line.includes('shipping')),
    () => first.describe('did not get to its second step'),
  );
  await first.kill();
  const second = await scene.run('logging', { ...env, GO_ON: '1' });

  expect(linesOf(first.output)).toEqual([
    { level: 30, msg: 'began', ...run },
    { level: 30, msg: 'charging', ...charge },
    { level: 30, msg: 'bank pays', amount: 42, ...charge },
    { level: 30, msg: 'charged', ...run },
    { level: 40, msg: 'shipping', ...ship, attempt: 1 },
  ]);
  const after = linesOf(second.output);
  expect(after).toEqual([
    { level: 40, msg: 'shipping', ...ship, attempt: expect.any(Number) },
    { level: 30, msg: 'shipped', ...run },
    { level: 30, msg: 'ended' },
  ]);
}, 40_000);

it('writes lines for people in development', async () => {
  const scene = await Scene.create();
  const { output, stderr } = await scene.run('logging', { NODE_ENV: 'development' });
  const lines = output.filter((line) => line.includes('| r1 |') || line.includes('| Main |'));
  expect([lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| /, '')), stderr]).toEqual([
    [
      'INFO | r1 | order | began',
      'INFO | r1 | order | charge#1 | charging',
      'INFO | r1 | order | charge#1 | bank pays {"amount":42}',
      'INFO | r1 | order | charged',
      'WARN | r1 | order | ship#1 | shipping',
      'INFO | r1 | order | shipped',
      'INFO | Main | ended',
    ],
    '',
  ]);
}, 40_000);
