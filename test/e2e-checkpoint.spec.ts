import { Injectable } from '@nestjs/common';
import { checkpoint, createHook, getCurrentContext, sleep, Step, Workflow } from 'nestjs-pyworkflow';
import { boot, type Storage, STORAGES, storageOf } from './e2e-app.spec-helpers.js';

const ROUNDS = 600;
/** How many superseded events gather until they are compacted. */
const COMPACTION = 200;
let done: number[] = [];
/** What else happens in a round. */
let onRound: (round: number, runId: string) => unknown;

@Injectable()
class Steps {
  @Step() async work(round: number): Promise<number> {
    done.push(round);
    await onRound(round, getCurrentContext().runId);
    return round;
  }
}

@Workflow({ name: 'rounds' })
class RoundsWorkflow {
  constructor(private readonly steps: Steps) {}

  async run(rounds: number): Promise<number> {
    const state = { round: 0, total: 0 };
    while (state.round < rounds) {
      await checkpoint(state);
      state.total += await this.steps.work(state.round++);
    }
    return state.total;
  }
}

@Workflow({ name: 'meter' })
class MeterWorkflow {
  constructor(private readonly steps: Steps) {}

  async run(): Promise<number> {
    const stop = createHook<number>({ token: 'meter-stop', multiple: true });
    const state = { round: 0, cancelled: false };
    while (!state.cancelled) {
      await getCurrentContext().checkpoint(state, { name: 'meter' });
      try {
        await this.steps.work(state.round++);
        await sleep('1h');
      } catch {
        state.cancelled = true;
      }
    }
    stop.close();
    return state.round;
  }
}

const providers = [RoundsWorkflow, MeterWorkflow, Steps];

const lasting = STORAGES.filter((storage): storage is Exclude<Storage, 'memory'> => storage !== 'memory');

beforeEach(() => {
  done = [];
  onRound = () => undefined;
});

describe.each(lasting)('a loop of many rounds, on %s', (type) => {
  it('goes on in the right round after a restart, with a short replay', async () => {
    const storage = await storageOf(type);
    const middle = 400;
    const isInTheMiddle = new Promise<void>((resolve) => (onRound = (round) => round === middle && resolve()));
    const before = await boot({ providers }, { storage, compaction: COMPACTION });
    const { runId } = await before.client.start(RoundsWorkflow, [ROUNDS]);
    await isInTheMiddle;
    const toReplay = await before.client.getEvents(runId);
    expect(toReplay.at(-1)?.sequence).toBeGreaterThan(3 * middle);
    expect(toReplay.length).toBeLessThan(COMPACTION + 10);
    await before.close();
    expect(done.length).toBeLessThan(ROUNDS);

    const after = await boot({ providers }, { storage, compaction: COMPACTION });
    const handle = after.client.getHandle<number>(runId);
    expect(await handle.result()).toBe((ROUNDS * (ROUNDS - 1)) / 2);
    expect(done).toEqual(Array.from({ length: ROUNDS }, (_, round) => round));
  });
});

describe.each(STORAGES)('a loop without end, on %s', (type) => {
  it('ends when it is cancelled', async () => {
    const module = await boot({ providers }, { storage: await storageOf(type), compaction: 20 });
    onRound = (round, runId) => round === 99 && module.client.cancel(runId);
    const run = await module.client.start(MeterWorkflow, []);
    expect(await run.result()).toBe(100);
    const events = await module.client.getEvents(run.runId);
    expect(events.at(-1)?.sequence).toBeGreaterThan(400);
    expect(events.length).toBeLessThan(60);
  });
});
