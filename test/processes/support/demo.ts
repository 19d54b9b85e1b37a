import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresUrl, redisKeyPrefix, redisUrl } from '../../services/index.js';
import { endPrograms, Program } from './program.js';

/** Runs the demo on storages, chosen by one variable, and reads what it says. */
export function describeDemo(types: readonly string[]): void {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pyworkflow-demo-'));
  });

  afterAll(async () => {
    await endPrograms();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(types)(
    'runs the demo on %s: a shop that is killed finishes each order exactly once',
    async (type) => {
      const demo = Program.start('apps/demo/src/main.ts', {
        ...(await servers()),
        DEMO_DIRECTORY: directory,
        // Below those that the system hands out: nobody takes it while the shop is down.
        DEMO_PORT: String(20_000 + (process.pid % 10_000)),
        PYWORKFLOW_STORAGE: type,
      });
      const exit = await demo.end(150_000);
      const output = demo.output.join('\n');
      const log = await readFile(join(directory, 'shop.log'), 'utf8');
      if (exit.code !== 0) {
        throw new Error(
          `${demo.describe(`ended with ${JSON.stringify(exit)}`)}\nThe shop's log:\n${log.slice(-10_000)}`,
        );
      }

      const [, ...orders] = (await readFile('apps/demo/orders.csv', 'utf8')).trim().split('\n');
      expect(output).toMatch(/^SIGKILL {2}process \d+ after .* orders finished, \d+ under way$/m);
      expect(output).toContain(`${orders.length} orders, finished exactly once`);
      expect(output).toContain('2 refunds paid and 1 withdrawn');
      expect(output).toContain(`order: ${orders.length} completed`);
      for (const state of [
        'shipped',
        'out of stock',
        'card declined',
        'refused by the manager',
        'approval timed out',
      ]) {
        expect(output).toMatch(new RegExp(`^  ${state} +[1-9]`, 'm'));
      }
      expect(output).toMatch(/^ {2}curl -s http:\/\/127\.0\.0\.1:\d+\/orders\/\d+\/events$/m);
      expect(output).not.toContain('WRONG');
      expect(log).not.toMatch(/WARN|ERROR/);
    },
    180_000,
  );
}

/** Where the servers are; the names of what the demo makes there are the tests' own. */
async function servers(): Promise<Readonly<Record<string, string>>> {
  return {
    DATABASE_URL: await postgresUrl(),
    REDIS_URL: await redisUrl(),
    PYWORKFLOW_REDIS_STORAGE_PREFIX: `${redisKeyPrefix()}{demo}:`,
  };
}
