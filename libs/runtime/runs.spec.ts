import { FatalError, RetryableError, WorkflowTimeoutError } from '../core/index.js';
import { Code, deferred, kill, settle, World } from './runtime.spec-helpers.js';
import {
  createHook,
  findCurrentContext,
  getCurrentContext,
  IdempotencyConflictError,
  RunFailedError,
  sleep,
  type StepContext,
} from './index.js';

describe('the cost of a run', () => {
  const code = new Code();
  const add = code.step('add', (n: number) => n + 1);
  code.workflow('three', async (n: number) => add(await add(await add(n))));
  code.workflow('fails', async (n: number) => {
    throw new FatalError(`no ${await add(n)}`);
  });
  code.workflow('loop', async (times: number) => {
    let value = 0;
    for (let i = 0; i < times; i++) value = await add(value);
    return value;
  });
  code.workflow(
    'fan out',
    async (width: number) => (await Promise.all(Array.from({ length: width }, (_, i) => add(i)))).length,
  );

  it('is four commits and no replay for three steps one after another', async () => {
    const world = new World();
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'three', args: [1] });
    expect(await process.result(runId)).toBe(4);
    expect(process.counters).toMatchObject({ commits: 4, replays: 0, activations: 4, dispatches: 3 });
  });

  it('is no look at the store for the result, where the run was held', async () => {
    const world = new World();
    const process = await world.boot(code);
    const looks = jest.spyOn(world.store.runs, 'get');
    const { runId } = await process.startRun({ workflow: 'three', args: [1] });
    expect(await Promise.all([process.result(runId), process.result(runId)])).toEqual([4, 4]);
    const { runId: failed } = await process.startRun({ workflow: 'fails', args: [1] });
    await expect(process.result(failed)).rejects.toThrow(RunFailedError);
    expect(looks).not.toHaveBeenCalled();
  });

  it('is one replay after a restart', async () => {
    const world = new World();
    const gate = deferred<number>();
    const waiting = new Code();
    const slow = waiting.step('slow', (n: number) => (n === 1 ? gate.promise : n + 1));
    waiting.workflow('w', async () => slow(await slow(await slow(0))));
    const first = await world.boot(waiting);
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    kill(first);
    const second = await world.boot(waiting);
    gate.resolve(2);
    await world.advance(60_000);
    expect(await second.result(runId)).toBe(3);
    expect(second.counters.replays).toBe(1);
  });

  it('grows linearly with its steps', async () => {
    const world = new World();
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'loop', args: [1_000] });
    expect(await process.result(runId)).toBe(1_000);
    expect(process.counters).toMatchObject({ commits: 1_001, replays: 0 });
    expect(await world.history(runId)).toHaveLength(2_002);
  });

  it('is a handful of commits for two hundred steps at once', async () => {
    const world = new World();
    const process = await world.boot(code, { stepConcurrency: 1_000 });
    const { runId } = await process.startRun({ workflow: 'fan out', args: [200] });
    expect(await process.result(runId)).toBe(200);
    expect(process.counters.commits).toBeLessThanOrEqual(4);
    expect(process.counters.activations).toBeLessThanOrEqual(4);
  });
});

describe('a start', () => {
  const code = new Code();
  code.workflow('echo', async (value: unknown) => value);

  it('with one idempotency key gives one run, a hundred times at once', async () => {
    const world = new World();
    const process = await world.boot(code);
    const starts = Array.from({ length: 100 }, () =>
      process.startRun({ workflow: 'echo', args: ['x'], idempotencyKey: 'k' }),
    );
    const runs = await Promise.all(starts);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    expect(runs.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it('that repeats a key with another input is told so', async () => {
    const process = await new World().boot(code);
    await process.startRun({ workflow: 'echo', args: ['x'], idempotencyKey: 'k' });
    await expect(process.startRun({ workflow: 'echo', args: ['y'], idempotencyKey: 'k' })).rejects.toThrow(
      IdempotencyConflictError,
    );
  });

  it.each<[string, unknown, unknown]>([
    ['the order of its keys', { a: 1, b: { c: [{ x: 1, y: 2 }], d: 2 } }, { b: { d: 2, c: [{ y: 2, x: 1 }] }, a: 1 }],
    ['keys that are undefined', { a: 1, b: undefined }, { a: 1 }],
    [
      'the order of keys of what is no JSON',
      { at: new Date(5), of: new Map([[{ a: 1, b: 2 }, 1n]]) },
      { of: new Map([[{ b: 2, a: 1 }, 1n]]), at: new Date(5) },
    ],
  ])('that repeats a key may differ in %s', async (_, first, second) => {
    const process = await new World().boot(code);
    const start = (value: unknown) => process.startRun({ workflow: 'echo', args: [value], idempotencyKey: 'k' });
    const { runId } = await start(first);
    expect(await start(second)).toEqual({ runId, isNew: false });
  });

  it.each<[string, unknown, unknown]>([
    ['a value', { a: 1, b: 2 }, { a: 2, b: 1 }],
    ['a key', { a: 1 }, { b: 1 }],
    ['an element that is undefined', [1, undefined], [1]],
    ['the order of a list', [1, 2], [2, 1]],
    [
      'the order of a Map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['the order of a Set', new Set([1, 2]), new Set([2, 1])],
    ['a type', { a: '1' }, { a: 1 }],
  ])('that repeats a key must not differ in %s', async (_, first, second) => {
    const process = await new World().boot(code);
    const start = (value: unknown) => process.startRun({ workflow: 'echo', args: [value], idempotencyKey: 'k' });
    await start(first);
    await expect(start(second)).rejects.toThrow(IdempotencyConflictError);
  });

  it('keeps a digest of its input only if it can be repeated', async () => {
    const world = new World();
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'echo', args: [{ a: 1, b: 2 }] });
    expect((await world.store.runs.get(runId))?.inputDigest).toBeUndefined();
    const again = { workflow: 'echo', args: [{ b: 2, a: 1 }], runId };
    expect(await process.startRun(again)).toEqual({ runId, isNew: false });
    await expect(process.startRun({ ...again, args: [] })).rejects.toThrow(IdempotencyConflictError);
  });

  it('that repeats a run id gives that run, also at the same time', async () => {
    const process = await new World().boot(code);
    const starts = [1, 2, 3].map(() => process.startRun({ workflow: 'echo', args: ['x'], runId: 'mine' }));
    expect((await Promise.all(starts)).map(({ isNew }) => isNew)).toEqual([true, false, false]);
  });
});

describe('a step', () => {
  it('is tried again after its delays, with one idempotency key and counted attempts', async () => {
    const world = new World();
    const code = new Code();
    const seen: [number, string, number][] = [];
    const flaky = code.step(
      'flaky',
      () => {
        const { attempt, idempotencyKey } = getCurrentContext() as StepContext;
        seen.push([attempt, idempotencyKey, world.clock.now() - 1_000_000]);
        if (attempt < 4) throw new Error(`no ${attempt}`);
        return 'yes';
      },
      { retry: { backoff: ['1s', '10s', '60s'] } },
    );
    code.workflow('w', () => flaky());
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [], runId: 'r' });
    await world.advance(100_000);
    expect(await process.result(runId)).toBe('yes');
    expect(seen).toEqual(
      [1, 2, 3, 4].map((attempt) => [attempt, 'r:flaky#1', [0, 1_000, 11_000, 71_000][attempt - 1]]),
    );
  });

  it.each([
    [['a:b', 'c'] as const, ['a', 'b:c'] as const],
    [['a:b', 'c%3Ad'] as const, ['a:b', 'c:d'] as const],
  ])('has another idempotency key as %j than as %j', async (one, other) => {
    const keyOf = async ([runId, name]: readonly [string, string]): Promise<unknown> => {
      const code = new Code();
      const step = code.step(name, () => (getCurrentContext() as StepContext).idempotencyKey);
      const process = await new World().boot(code.workflow('w', () => step()));
      await process.startRun({ workflow: 'w', args: [], runId });
      return process.result(runId);
    };
    expect(await keyOf(one)).not.toBe(await keyOf(other));
  });

  it.each([
    ['gives up when it has no retries left', new Error('down'), 3],
    ['is not tried again after a FatalError', new FatalError('never'), 1],
  ])('%s, and its error is caught with class, message and fields', async (_, error, attempts) => {
    const world = new World();
    const code = new Code();
    const calls: number[] = [];
    const failing = code.step('failing', () => Promise.reject(Object.assign(error, { orderId: calls.push(1) && 7 })), {
      retry: { maxRetries: 2 },
    });
    code.workflow('w', () =>
      failing().catch((caught: Error & { orderId: number }) => [
        caught.constructor.name,
        caught.message,
        caught.orderId,
      ]),
    );
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(60_000);
    expect(await process.result(runId)).toEqual([error.constructor.name, error.message, 7]);
    expect(calls).toHaveLength(attempts);
  });

  it('is tried again when a RetryableError says so', async () => {
    const world = new World();
    const code = new Code();
    const times: number[] = [];
    const busy = code.step('busy', () => {
      if (times.push(world.clock.now()) < 2) throw new RetryableError('busy', { retryAfter: '1h' });
    });
    code.workflow('w', () => busy());
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(3_600_000);
    await process.result(runId);
    expect(times[1]! - times[0]!).toBe(3_600_000);
  });

  it('that takes too long is told by its signal, and fails with WorkflowTimeoutError', async () => {
    const world = new World();
    const code = new Code();
    const reasons: unknown[] = [];
    const endless = code.step(
      'endless',
      () => {
        const { signal } = getCurrentContext() as StepContext;
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return new Promise(() => {});
      },
      { timeoutMs: 5_000, retry: { maxRetries: 0 } },
    );
    code.workflow('w', () => endless().catch((error: Error) => error.constructor.name));
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(5_000);
    expect(await process.result(runId)).toBe('WorkflowTimeoutError');
    expect(reasons).toEqual([expect.any(WorkflowTimeoutError)]);
  });

  it('whose result cannot be stored fails with the path of the culprit', async () => {
    const code = new Code();
    const bad = code.step('bad', () => ({ a: { b: () => {} } }));
    code.workflow('w', () => bad().catch((error: Error) => error.message));
    const process = await new World().boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    expect(await process.result(runId)).toMatch(/a\.b/);
  });

  it('is a plain call outside of a workflow, and inside of another step', async () => {
    const code = new Code();
    const inner = code.step('inner', () => findCurrentContext()?.kind);
    const outer = code.step('outer', () => inner());
    code.workflow('w', () => outer());
    expect(await inner()).toBeUndefined();
    const world = new World();
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    expect(await process.result(runId)).toBe('step');
    expect(await world.history(runId)).not.toContain('step.scheduled inner#1');
  });

  it('that has no outcome when the run returns is cancelled, and told', async () => {
    const world = new World();
    const code = new Code();
    const aborted: boolean[] = [];
    const loser = code.step('loser', () => {
      const { signal } = getCurrentContext() as StepContext;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted.push(true))));
    });
    const winner = code.step('winner', () => 'won');
    code.workflow('w', () => Promise.race([loser(), winner()]));
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    expect(await process.result(runId)).toBe('won');
    expect(await world.history(runId)).toContain('step.cancelled loser#1');
    expect(aborted).toEqual([true]);
  });

  it('that asks for a person pauses its run, and goes on with fresh attempts when it is resumed', async () => {
    const world = new World();
    const code = new Code();
    let mended = false;
    const attempts: number[] = [];
    const broken = code.step(
      'broken',
      () => {
        attempts.push((getCurrentContext() as StepContext).attempt);
        if (!mended) throw new Error('broken');
        return 'fine';
      },
      { onExhausted: 'pause', retry: { maxRetries: 1 } },
    );
    code.workflow('w', () => broken());
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(60_000);
    expect(await world.status(runId)).toBe('paused');
    mended = true;
    await process.resume(runId);
    await world.advance(1_000);
    expect(await process.result(runId)).toBe('fine');
    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe('a waiting run', () => {
  it('holds nothing in memory and is rebuilt when its time has come', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('w', async () => {
      await sleep('7d');
      return 'woke';
    });
    const process = await world.boot(code, { recoveryIntervalMs: 43_200_000, leaseMs: 86_400_000 });
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    expect([process.activator.sessions.size, process.activator.alarms.size]).toEqual([0, 0]);
    await world.advance(7 * 86_400_000);
    expect(await process.result(runId)).toBe('woke');
    expect(process.counters.replays).toBe(1);
  });

  it('for a hook is let go after a while, and goes on when it is delivered', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('w', async () => createHook({ token: 'a-chosen-token' }));
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(20_000);
    expect(process.activator.sessions.size).toBe(0);
    await process.deliverHook('a-chosen-token', { ok: true });
    expect(await process.result(runId)).toEqual({ ok: true });
    expect(process.counters.replays).toBe(1);
  });

  it('that is delivered soon needs no replay', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('w', async () => createHook({ token: 'a-chosen-token' }));
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await process.deliverHook('a-chosen-token', 1);
    expect(await process.result(runId)).toBe(1);
    expect(process.counters.replays).toBe(0);
  });
});
