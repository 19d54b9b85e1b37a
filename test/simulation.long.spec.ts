import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** In a process of its own: Jest takes a rejection that a workflow awaits later for a failure of the test. */
function simulate(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['scripts/simulate.mjs', ...args], { cwd: root });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(output.trim())));
}

describe('the simulation', () => {
  it('breaks no promise in any of these seeds', async () => {
    expect(await simulate('--seeds', '150')).toMatch(/\n150 passed, 0 failed$/);
  }, 60_000);

  it('lives through a seed the same way each time', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => simulate('--seeds', '10', '--from', '7', '--digest')));
    expect(first).toMatch(/seed 7: [0-9a-f]{64}\n/);
    expect(second).toBe(first);
  }, 60_000);

  it.each(['fence', 'inbox', 'alarm', 'dedup', 'hook_settled', 'patience', 'order', 'begin', 'compaction', 'counts'])(
    'finds out when the guard "%s" is gone',
    async (guard) => {
      expect(await simulate('--seeds', '200', '--bail', '--remove', guard)).toMatch(/, 1 failed$/);
    },
    60_000,
  );
});
