import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';
import { until } from './support/until.js';

afterEach(endPrograms);
afterAll(Scene.removeAll);

type Line = Readonly<Record<string, unknown>>;

/** What a process wrote of the application, without what Nest says of itself. */
function linesOf(output: readonly string[]): readonly Line[] {
  const contexts = ['OrderWorkflow', 'Steps', 'Bank', 'Main', undefined];
  const lines = output
    .map((line) => asPino(JSON.parse(line) as Line))
    .filter(({ context }) => contexts.includes(context as string));
  const ofItself = ['time', 'timestamp', 'pid', 'hostname', 'context'];
  return lines.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !ofItself.includes(name))));
}

/** A line of Nest's console logger, in the form of pino's. */
function asPino({ message, level, ...line }: Line): Line {
  if (message === undefined) return { level, ...line };
  const fields = typeof message === 'string' ? { msg: message } : (message as Line);
  return { level: level === 'warn' ? 40 : 30, ...fields, ...line };
}

const run = { runId: 'r1', workflow: 'order' };
const charge = { ...run, step: 'charge', stepId: 'charge#1', attempt: 1 };
const ship = { ...run, step: 'ship', stepId: 'ship#1' };

const WRITERS = [
  ['nestjs-pino', 'logging'],
  ["Nest's console logger", 'console-logging'],
] as const;
const TITLE =
  '%s writes each line of a run once, as JSON with run, workflow, step and attempt, though its process is killed';

it.each(WRITERS)(
  TITLE,
  async (_, program) => {
    const scene = await Scene.create();
    const env = { NODE_ENV: 'production' };
    const first = scene.start(program, { ...env, HANG: '1' });
    await until(
      () => first.output.some((line) => line.includes('shipping')),
      () => first.describe('did not get to its second step'),
    );
    await first.kill();
    const second = await scene.run(program, { ...env, GO_ON: '1' });

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
  },
  40_000,
);

it('nestjs-pino writes lines for people in development', async () => {
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

it("Nest's console logger writes lines for people in development", async () => {
  const scene = await Scene.create();
  const { output, stderr } = await scene.run('console-logging', { NODE_ENV: 'development' });
  const lines = output.filter((line) => line.includes('runId=r1') || line.includes('[Main]'));
  expect([lines.map((line) => line.replace(/^.*? (?=LOG|WARN)/, '')), stderr]).toEqual([
    [
      'LOG [OrderWorkflow] began (runId=r1 workflow=order)',
      'LOG [Steps] charging (runId=r1 workflow=order step=charge stepId=charge#1 attempt=1)',
      'LOG [OrderWorkflow] charged (runId=r1 workflow=order)',
      'WARN [Steps] shipping (runId=r1 workflow=order step=ship stepId=ship#1 attempt=1)',
      'LOG [OrderWorkflow] shipped (runId=r1 workflow=order)',
      'LOG [Main] ended',
    ],
    '',
  ]);
}, 40_000);
