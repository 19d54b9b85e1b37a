import { createHook, parallel, sleep } from './index.js';
import { Code, started, World } from './runtime.spec-helpers.js';

describe('a replay', () => {
  /** Two lanes, of which the first is the quicker one at first and the slower one on replay. */
  async function lanes(onReplay?: (world: World) => void): Promise<unknown> {
    const world = new World();
    const code = new Code();
    const step = code.step('step', (name: string) => `result of ${name}`);
    const delays = [10, 20, 500, 300];
    code.workflow('w', async () => {
      const results = await parallel(['a', 'b'], async (name) => {
        const ms = delays.shift()!;
        await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + ms, resolve));
        return step(name);
      });
      await sleep(60);
      return results;
    });
    const process = await world.boot(code);
    const runId = await started(process);
    await world.advance(1_000);
    expect(process.activator.sessions.size).toBe(0);
    await world.advance(59_300);
    onReplay?.(world);
    await world.advance(2_000);
    return process.result(runId);
  }

  const own = ['result of a', 'result of b'];

  it('gives each lane its own result, though their ordinary awaits are slow and come in another order', async () => {
    expect(await lanes()).toEqual(own);
  });

  it('that takes longer than a lease keeps it', async () => {
    const world = new World();
    const code = new Code().workflow('w', async () => {
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 1_000, resolve));
      await sleep(60);
      return createHook({ token: 'approval' });
    });
    const options = { leaseMs: 300, recoveryIntervalMs: 300, maxSessions: 0 };
    const holder = await world.boot(code, options);
    const runId = await started(holder);
    await world.advance(2_000);
    const other = await world.boot(code, options);
    await world.advance(70_000);
    expect(holder.counters.replays + other.counters.replays).toBe(1);
    await other.deliverHook('approval', 'yes');
    await world.advance(5_000);
    expect(await holder.result(runId)).toBe('yes');
    expect(await world.store.runs.get(runId)).toMatchObject({ fence: 3 });
  });

  it('does not lose patience when the clock jumps', async () => {
    const jump = ({ clock }: World): void => {
      const { now, schedule } = clock;
      clock.now = () => now.call(clock) + 600_000;
      clock.schedule = (at, callback) => schedule.call(clock, at - 600_000, callback);
    };
    expect(await lanes(jump)).toEqual(own);
  });
});
