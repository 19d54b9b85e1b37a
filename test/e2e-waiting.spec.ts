import { Injectable } from '@nestjs/common';
import {
  createHook,
  type Duration,
  hook,
  HookConflictError,
  HookExpiredError,
  HookNotFoundError,
  HookUsedError,
  now,
  race,
  RunFailedError,
  sleep,
  sleepUntil,
  Step,
  timeout,
  Workflow,
  WorkflowTimeoutError,
} from 'nestjs-pyworkflow';
import type { WorkflowTestingModule } from 'nestjs-pyworkflow/testing';
import { boot, STORAGES, storageOf, untilEvent } from './e2e-app.spec-helpers.js';

const sent: string[] = [];
beforeEach(() => sent.splice(0));

@Injectable()
class Steps {
  @Step() async send(token: string): Promise<void> {
    sent.push(token);
  }
  @Step() async quick(): Promise<string> {
    return 'quick';
  }
}

let body: (steps: Steps) => Promise<unknown>;

@Workflow({ name: 'any' })
class AnyWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<unknown> {
    return body(this.steps);
  }
}

const DAY_MS = 86_400_000;

describe.each(STORAGES)('waiting, on %s', (storage) => {
  let module: WorkflowTestingModule;
  beforeEach(async () => {
    module = await boot({ providers: [AnyWorkflow, Steps] }, { storage: await storageOf(storage) });
  });

  const start = (given: typeof body) => {
    body = given;
    return module.client.start(AnyWorkflow, []);
  };
  const outcome = async (given: typeof body): Promise<unknown> =>
    (await start(given)).result().catch((error: unknown) => {
      if (error instanceof RunFailedError) return error.cause;
      throw error;
    });

  it.each<[Duration, number]>([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    [300, 300_000],
    [0.25, 250],
    ['1.5s', 1_500],
    [{ hours: 2 }, 7_200_000],
    ['0s', 0],
  ])('sleeps for %p', async (duration, ms) => {
    const elapsed = await outcome(async () => {
      const begun = now().getTime();
      await sleep(duration);
      return now().getTime() - begun;
    });
    expect(elapsed).toBe(ms);
  });

  it('sleeps until a date', async () => {
    const date = new Date(module.clock.now() + 3 * DAY_MS);
    expect(await outcome(async () => [await sleep(date), now()])).toEqual([undefined, date]);
    const later = new Date(module.clock.now() + DAY_MS);
    expect(await outcome(async () => [await sleepUntil(later), now()])).toEqual([undefined, later]);
    expect(await outcome(async () => sleepUntil(date))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('is in the past'),
    });
  });

  it('runs timers beside each other, beside steps and beside hooks', async () => {
    const result = await outcome(async (steps) => {
      const begun = now().getTime();
      const days = (): number => (now().getTime() - begun) / DAY_MS;
      const ticks: [string, number][] = [];
      const tick = (name: string) => (): void => void ticks.push([name, days()]);
      await Promise.all([
        sleep('3d').then(tick('three')),
        sleep('1d').then(tick('one')),
        steps.quick().then(tick('step')),
        createHook({ timeout: '2d' }).catch(tick('hook')),
      ]);
      return ticks;
    });
    expect(result).toEqual([
      ['step', 0],
      ['one', 1],
      ['hook', 2],
      ['three', 3],
    ]);
  });

  it('drops a timer that lost', async () => {
    const run = await start(async (steps) => {
      const winner = await race([sleep('20d').then(() => 'timer'), steps.quick()]);
      return [
        winner,
        await timeout(steps.quick(), '1h'),
        await timeout(sleep('2h'), '1h').catch((error: unknown) => error),
      ];
    });
    expect(await run.result()).toEqual(['quick', 'quick', expect.any(WorkflowTimeoutError)]);
    expect(module.clock.now() - (await run.describe()).createdAt.getTime()).toBe(3_600_000);
  });

  it('asks for approval and takes the answer, or goes on when none comes', async () => {
    const approval = async (steps: Steps): Promise<string> => {
      const asked = createHook<{ ok: boolean }>({ name: 'approval', timeout: '7d' });
      await steps.send(asked.token);
      const answer = await asked.catch((error: unknown) => {
        if (error instanceof HookExpiredError) return { ok: false };
        throw error;
      });
      return answer.ok ? 'approved' : 'expired';
    };
    const approved = await start(approval);
    await untilEvent(module.client, approved.runId, 'step.completed');
    await module.client.resumeHook(sent[0] ?? '', { ok: true });
    expect(await approved.result()).toBe('approved');

    const expired = await start(approval);
    expect(await expired.result()).toBe('expired');
    await expect(module.client.resumeHook(sent[1] ?? '', { ok: true })).rejects.toThrow(HookExpiredError);

    const raced = await outcome(async () => Promise.race([createHook(), sleep('7d').then(() => 'timer')]));
    expect(raced).toBe('timer');
  });

  it('hands a hook to a function when it is created', async () => {
    const run = await start(async (steps) => hook<string>('approval', { onCreated: ({ token }) => steps.send(token) }));
    await untilEvent(module.client, run.runId, 'step.completed');
    await module.client.resumeHook(sent[0] ?? '', 'yes');
    expect(await run.result()).toBe('yes');
    await expect(module.client.resumeHook(sent[0] ?? '', 'again')).rejects.toThrow(HookUsedError);
  });

  it('takes many payloads, in order, until the hook is closed', async () => {
    const run = await start(async (steps) => {
      const votes = createHook<string>({ token: 'votes-2026', multiple: true });
      const all: string[] = [];
      for await (const vote of votes) {
        all.push(vote);
        await steps.quick();
        if (vote === 'end') break;
      }
      return all;
    });
    await untilEvent(module.client, run.runId, 'hook.created');
    for (const vote of ['a', 'b', 'c', 'end']) await module.client.resumeHook('votes-2026', vote);
    expect(await run.result()).toEqual(['a', 'b', 'c', 'end']);
    await expect(module.client.resumeHook('votes-2026', 'late')).rejects.toThrow(HookUsedError);
  });

  it('refuses a token that another live hook has, and gives it free afterwards', async () => {
    const first = await start(async () => createHook({ token: 'only-one-1' }));
    await untilEvent(module.client, first.runId, 'hook.created');
    expect(await outcome(async () => createHook({ token: 'only-one-1' }))).toBeInstanceOf(HookConflictError);
    await module.client.resumeHook('only-one-1', 1);
    expect(await first.result()).toBe(1);
    const second = await start(async () => createHook({ token: 'only-one-1' }));
    await untilEvent(module.client, second.runId, 'hook.created');
    await module.client.resumeHook('only-one-1', 2);
    expect(await second.result()).toBe(2);
    await expect(module.client.resumeHook('another-one', 1)).rejects.toThrow(HookNotFoundError);
  });
});
