import { postgresUrl, redisUrl } from '../services/index.js';
import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

it('gives workflow code the same time and chance in another process, and drivers theirs', async () => {
  const scene = await Scene.create();
  const servers = { POSTGRES: await postgresUrl(), REDIS: await redisUrl() };
  const victim = await scene.run('guarded-globals', { DIE: '1', ...servers });
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const survivor = await scene.run('guarded-globals', servers);

  const answers = [1_700_000_000_000, true, true, 'PONG'];
  expect(JSON.parse(await survivor.line('result'))).toEqual([[answers, true], answers]);
  expect(await survivor.line('outside')).toBe('true true');
  const drawn = (pid: number): readonly unknown[] =>
    scene.ledger.of(pid).flatMap(({ event, step, key }) => (event === 'drawn' ? [[step, key]] : []));
  expect(drawn(victim.pid)).toHaveLength(2);
  // It also begins a run of its own, whose id turns out to be taken.
  expect(drawn(survivor.pid)).toEqual(expect.arrayContaining([...drawn(victim.pid)]));
  expect(survivor.output.join('\n')).toMatch(/calls setTimeout\(\) at .*guarded-globals\.js:\d+/);
});
