import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endPrograms, Program } from './support/program.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pyworkflow-demo-'));
});

afterAll(async () => {
  await endPrograms();
  await rm(directory, { recursive: true, force: true });
});

it.each(['sqlite', 'file'])(
  'runs the demo on %s: a shop that is killed finishes each order exactly once',
  async (type) => {
    const demo = Program.start('apps/demo/src/main.ts', { DEMO_DIRECTORY: directory, PYWORKFLOW_STORAGE: type });
    const exit = await demo.exited;
    const output = demo.output.join('\n');
    if (exit.code !== 0) throw new Error(demo.describe(`ended with ${JSON.stringify(exit)}`));

    const [, ...orders] = (await readFile('apps/demo/orders.csv', 'utf8')).trim().split('\n');
    expect(output).toMatch(/^SIGKILL {2}process \d+ after .* orders finished, \d+ under way$/m);
    expect(output).toContain(`${orders.length} orders, finished exactly once`);
    expect(output).toContain('2 refunds paid and 1 withdrawn');
    expect(output).toContain(`order: ${orders.length} completed`);
    for (const state of ['shipped', 'out of stock', 'card declined', 'refused by the manager', 'approval timed out']) {
      expect(output).toMatch(new RegExp(`^  ${state} +[1-9]`, 'm'));
    }
    expect(output).toMatch(/^ {2}curl -s http:\/\/127\.0\.0\.1:\d+\/orders\/\d+\/events$/m);
    expect(output).not.toContain('WRONG');
    expect(await readFile(join(directory, 'shop.log'), 'utf8')).not.toMatch(/WARN|ERROR/);
  },
  180_000,
);
