import { Code, deferred, kill, settle, World } from './runtime.spec-helpers.js';
import { createHook, getCurrentContext, NotRunningError, RunFailedError, sleep, type StepContext } from './index.js';

const LEASE = 15_000;

describe('a run whose process died', () => {
  it('goes on in another process within the lease, and repeats no step that has an outcome', async () => {
    const world = new World();
    const gate = deferred<string>();
    const calls: string[] = [];
    const code = new Code();
    const first = code.step('first', () => void calls.push('first'));
    const second = code.step('second', () => (calls.push('second') === 2 ? gate.promise : 'done'));
    code.workflow('w', async () => {
      await first();
      return second();
    });
    const dying = await world.boot(code);
    const { runId } = await dying.startRun({ workflow: 'w', args: [] });
    await settle();
    kill(dying);
    const next = await world.boot(code);
    await world.advance(LEASE + 1_000);
    expect(await next.result(runId)).toBe('done');
    expect(calls).toEqual(['first', 'second', 'second']);
  });

  it('is left alone by others as long as its lease is held', async () => {
    const world = new World();
    const code = new Code();
    const gate = deferred<string>();
    const slow = code.step('slow', () => gate.promise);
    code.workflow('w', () => slow());
    const holder = await world.boot(code);
    const { runId } = await holder.startRun({ workflow: 'w', args: [] });
    const other = await world.boot(code);
    await world.advance(10 * LEASE);
    expect(other.counters.replays).toBe(0);
    gate.resolve('mine');
    expect(await holder.result(runId)).toBe('mine');
  });

  it('fails if its workflow asks not to be recovered', async () => {
    const world = new World();
    const code = new Code();
    const slow = code.step('slow', () => new Promise(() => {}));
    code.workflow('w', () => slow(), { recoverOnWorkerLoss: false });
    const dying = await world.boot(code);
    const { runId } = await dying.startRun({ workflow: 'w', args: [] });
    await settle();
    kill(dying);
    const next = await world.boot(code);
    await world.advance(LEASE + 1_000);
    await expect(next.result(runId)).rejects.toThrow(RunFailedError);
  });

  it('is paused when it has died with its process too often without getting on', async () => {
    const world = new World();
    const code = new Code();
    let begun = 0;
    const poison = code.step('poison', () => new Promise(() => void (begun += 1)));
    code.workflow('w', () => poison());
    let process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    for (let death = 1; death <= 4; death++) {
      await settle();
      expect(begun).toBe(death);
      kill(process);
      process = await world.boot(code);
      await world.advance(LEASE + 6_000);
    }
    expect(await world.status(runId)).toBe('paused');
    expect((await world.store.runs.get(runId))?.reason).toMatch(/died 4 times/);
    expect(begun).toBe(4);
  });

  it('takes its turn: suspects go on one at a time', async () => {
    const world = new World();
    const code = new Code();
    const running = new Set<string>();
    let most = 0;
    let dead = false;
    const slow = code.step('slow', async () => {
      const { runId } = getCurrentContext() as StepContext;
      running.add(runId);
      most = Math.max(most, running.size);
      if (!dead) return new Promise(() => {});
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 100, resolve));
      running.delete(runId);
      return 'done';
    });
    code.workflow('w', () => slow());
    const dying = await world.boot(code);
    const runs = await Promise.all(Array.from({ length: 20 }, () => dying.startRun({ workflow: 'w', args: [] })));
    await settle();
    expect(most).toBe(20);
    kill(dying);
    dead = true;
    most = 0;
    running.clear();
    const next = await world.boot(code);
    await world.advance(2 * LEASE);
    for (const { runId } of runs) expect(await next.result(runId)).toBe('done');
    expect(most).toBe(1);
  });
});

describe('a process that was frozen past its lease', () => {
  it('writes nothing when it wakes, and its execution is dead', async () => {
    const world = new World();
    const code = new Code();
    const gates: ((value: string) => void)[] = [];
    const slow = code.step('slow', () => new Promise<string>((resolve) => gates.push(resolve)));
    const after = code.step('after', (value: string) => value);
    code.workflow('w', async () => after(await slow()));
    const frozen = await world.boot(code);
    const { runId } = await frozen.startRun({ workflow: 'w', args: [] });
    await settle();
    // Frozen: it renews nothing, while another process takes the run.
    const now = world.clock.now() + LEASE;
    await world.store.claim({ runId, owner: 'thief', now, until: now + LEASE });
    gates[0]!('from the frozen process');
    await settle();
    expect(frozen.counters.fenced).toBe(1);
    expect(await world.history(runId)).toEqual(['workflow.started', 'step.scheduled slow#1']);
    expect(frozen.activator.sessions.size).toBe(0);
  });
});

describe('a process that stops', () => {
  it('lets its steps finish, hands its runs over at once, and starts no more', async () => {
    const world = new World();
    const code = new Code();
    const gate = deferred<string>();
    const slow = code.step('slow', () => gate.promise);
    const after = code.step('after', (value: string) => `${value}, after`);
    code.workflow('w', async () => after(await slow()));
    const stopping = await world.boot(code);
    const { runId } = await stopping.startRun({ workflow: 'w', args: [] });
    await settle();
    const stopped = stopping.stop();
    gate.resolve('finished');
    await settle();
    await stopped;
    expect(await world.history(runId)).toContain('step.completed slow#1');
    expect(await world.store.runs.get(runId)).not.toHaveProperty('owner', expect.anything());
    await expect(stopping.startRun({ workflow: 'w', args: [] })).rejects.toThrow(NotRunningError);
    const next = await world.boot(code);
    await settle();
    expect(await next.result(runId)).toBe('finished, after');
  });

  it('hands over a step that does not finish in time, which runs again elsewhere', async () => {
    const world = new World();
    const code = new Code();
    let calls = 0;
    const stubborn = code.step('stubborn', () => (++calls === 1 ? new Promise(() => {}) : 'second time'));
    code.workflow('w', () => stubborn());
    const stopping = await world.boot(code, { shutdownGraceMs: 1_000 });
    const { runId } = await stopping.startRun({ workflow: 'w', args: [] });
    await settle();
    const stopped = stopping.stop();
    await world.advance(1_000);
    await stopped;
    const next = await world.boot(code);
    await settle();
    expect(await next.result(runId)).toBe('second time');
  });
});

describe('code that does not fit', () => {
  const waiting = (steps: string[], options: { version?: number } = {}) => {
    const code = new Code();
    code.workflow(
      'w',
      async () => {
        for (const name of steps) await code.step(name, () => name)();
        await createHook({ token: 'go-on-please' });
        return steps;
      },
      options,
    );
    for (const name of steps) code.step(name, () => name);
    return code;
  };

  it('blocks the run with both sides and the line, and a fixed deploy resumes it by itself', async () => {
    const world = new World();
    const first = await world.boot(waiting(['a', 'b']));
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    await first.stop();
    const changed = await world.boot(waiting(['a', 'c']));
    await changed.deliverHook('go-on-please', 1);
    await world.advance(10_000);
    const blocked = await world.store.runs.get(runId);
    expect(blocked?.status).toBe('blocked');
    expect(blocked?.reason).toMatch(/recorded step b#1, but the code asked for step c#1 \(.*recovery\.spec\.ts:\d+/);
    await changed.stop();
    const fixed = await world.boot(waiting(['a', 'b']));
    await world.advance(1_000);
    expect(await fixed.result(runId)).toEqual(['a', 'b']);
  });

  it('has a run that was blocked go on with steps and timers once its code fits', async () => {
    const world = new World();
    const code = (name: string): Code => {
      const all = new Code();
      const [before, after] = [all.step(name, () => name), all.step('after', () => 'after')];
      return all.workflow('w', async () => {
        const first = await before();
        await createHook({ token: 'go-on-please' });
        await sleep(5);
        return [first, await after()];
      });
    };
    const first = await world.boot(code('a'));
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    await first.stop();
    const changed = await world.boot(code('b'));
    await changed.deliverHook('go-on-please', 1);
    await world.advance(10_000);
    expect(await world.status(runId)).toBe('blocked');
    await changed.stop();
    const fixed = await world.boot(code('a'));
    await world.advance(6_000);
    expect(await fixed.result(runId)).toEqual(['a', 'after']);
    expect(await world.history(runId)).toContain('workflow.resumed');
  });

  it('blocks a run whose workflow nobody has known for five minutes, and not before', async () => {
    const world = new World();
    const first = await world.boot(waiting(['a']));
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    await first.stop();
    const other = await world.boot(new Code());
    await other.deliverHook('go-on-please', 1);
    await world.advance(4 * 60_000);
    expect(await world.status(runId)).not.toBe('blocked');
    await world.advance(2 * 60_000);
    expect(await world.status(runId)).toBe('blocked');
    const knowing = await world.boot(waiting(['a']));
    await world.advance(1_000);
    expect(await knowing.result(runId)).toEqual(['a']);
  });

  it('can be cancelled while it is blocked', async () => {
    const world = new World();
    const first = await world.boot(waiting(['a', 'b']));
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    await first.stop();
    const changed = await world.boot(waiting(['c']));
    await changed.deliverHook('go-on-please', 1);
    await world.advance(10_000);
    await changed.cancel(runId);
    await world.advance(10_000);
    expect(await world.status(runId)).toBe('cancelled');
  });

  it('blocks the run when a payload cannot be read', async () => {
    const world = new World();
    const process = await world.boot(waiting(['a']));
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    await world.store.deliverHook({
      token: 'go-on-please',
      payload: '{"torn',
      deliveryId: 'd',
      receivedAt: world.clock.now(),
    });
    process.activator.wake(runId);
    await world.advance(1_000);
    expect(await world.status(runId)).toBe('blocked');
    expect((await world.store.runs.get(runId))?.reason).toMatch(/DeserializationError/);
  });
});

describe('time', () => {
  it('lets a result that waits in the inbox beat a timer that was due later', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('w', async () => {
      const hook = createHook<string>({ token: 'answer-token' });
      return Promise.race([hook, sleep('1h').then(() => 'too late')]);
    });
    const first = await world.boot(code);
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    kill(first);
    await world.advance(1_800_000);
    const delivery = { token: 'answer-token', payload: '"in time"', deliveryId: 'd', receivedAt: world.clock.now() };
    await world.store.deliverHook(delivery);
    await world.advance(7_200_000);
    const next = await world.boot(code);
    await world.advance(1_000);
    expect(await next.result(runId)).toBe('in time');
  });
});

describe('ordinary awaits in workflow code', () => {
  it('do not break the run, and are reported with file and line', async () => {
    const world = new World();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', async () => {
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 500, resolve));
      return step();
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(1_000);
    expect(await process.result(runId)).toBe('done');
    expect(world.logs.join('\n')).toMatch(/workflow "w" went on at .*recovery\.spec\.ts:\d+/);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a primitive', () => sleep('1s'), /recovery\.spec\.ts:\d+/],
    ['its end', () => 'done', /its end/],
  ])('are reported where the code goes on to %s', async (_, goOn, place) => {
    const world = new World();
    const code = new Code().workflow('w', async () => {
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 500, resolve));
      return goOn();
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(2_000);
    await process.result(runId);
    const [, where] = /workflow "w" went on at (.*) after/.exec(world.logs.join('\n')) ?? [];
    expect(where).toMatch(place);
  });

  it('are not suspected when the code goes on after the expiry of a hook', async () => {
    const world = new World();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', () => createHook({ timeout: '1m' }).catch(() => step()));
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(60_000);
    expect(await process.result(runId)).toBe('done');
    expect(world.logs.join('\n')).not.toMatch(/went on at/);
  });
});
