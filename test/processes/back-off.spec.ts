import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';

/** Before the second, the third and the fourth attempt. */
const WAITS_MS = [50, 4_000, 50];

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

it('keeps the count of attempts and the wait when the process dies between two attempts', async () => {
  const scene = await Scene.create();
  const env = { WAITS_MS: WAITS_MS.join(',') };
  const victim = scene.start('back-off', env);
  await victim.line('waiting');
  await victim.kill();
  const left = await scene.look('back-off-run');
  const retryAt = left.history.flatMap((e) => (e.type === 'step.retrying' ? [e.attributes.retryAt] : []))[1]!;

  const survivor = await scene.run('back-off', env);

  expect(survivor.output.at(-1)).toBe('result 4');
  const begun = scene.ledger.rows().filter(({ event }) => event === 'begin');
  expect(begun.map(({ attempt, pid }) => [attempt, pid])).toEqual([
    [1, victim.pid],
    [2, victim.pid],
    [3, survivor.pid],
    [4, survivor.pid],
  ]);
  const [, second, third] = begun;
  expect(retryAt - second!.at).toBeGreaterThanOrEqual(WAITS_MS[1]!);
  expect(third!.at).toBeGreaterThanOrEqual(retryAt);
  const [boot] = scene.ledger.of(survivor.pid);
  expect(third!.at - Math.max(retryAt, boot!.at)).toBeLessThan(2_000);
  expect(left.run!.recoveryAttempts).toBe(0);
}, 60_000);

it('counts no attempt twice and none too few when the process dies in the middle of one', async () => {
  const scene = await Scene.create();
  const env = { WAITS_MS: '50,50,50' };
  // The third attempt is one that its process does not survive.
  const victim = await scene.run('back-off', { ...env, DIE_IN_ATTEMPT: '3' });
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const survivor = await scene.run('back-off', env);

  expect(survivor.output.at(-1)).toBe('result 4');
  const failures = (await scene.look('back-off-run')).history.filter(({ type }) => type === 'step.retrying');
  expect(failures).toHaveLength(3);
}, 60_000);
