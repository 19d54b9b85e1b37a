import { AsyncLocalStorage } from 'node:async_hooks';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import tls from 'node:tls';
import { promisify, types } from 'node:util';
import { Counters, findCurrentContext, getCurrentContext, now, random, sideEffect, sleep } from '../index.js';
import { Code, kill, settle, World } from '../runtime.spec-helpers.js';
import { installGuards } from './install.js';

const ALL = { date: true, random: true, io: true };
const NONE = { date: false, random: false, io: false };

/** What the process has before any of this. */
const natives = {
  Date,
  dateNow: Date.now,
  random: Math.random,
  randomUUID: crypto.randomUUID,
  performanceNow: performance.now,
  setTimeout,
  fetch,
  request: http.request,
};
const present = () => ({
  Date,
  dateNow: Date.now,
  random: Math.random,
  randomUUID: crypto.randomUUID,
  performanceNow: performance.now,
  setTimeout,
  fetch,
  request: http.request,
});

const worlds: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const process of worlds.splice(0)) await process.stop();
  expect(present()).toEqual(natives);
});

/** Runs a function as the code of a workflow, and gives what it returned and what was logged. */
async function inWorkflow(body: () => unknown, options: Parameters<World['boot']>[1] = {}) {
  const world = new World();
  const process = await world.boot(new Code().workflow('w', body), options);
  worlds.push(process);
  const { runId } = await process.startRun({ workflow: 'w', args: [] });
  await settle();
  return { result: await process.result(runId), logs: world.logs, world, process, runId };
}

const isNative = (date: Date): boolean => Math.abs(date.getTime() - natives.dateNow()) < 60_000;

describe('time in workflow code', () => {
  it('is that of the run, however it is asked for', async () => {
    const { result } = await inWorkflow(() => [
      Date.now(),
      new Date().getTime(),
      Date.parse(Date()),
      Number(Reflect.construct(Date, [], Date)),
      performance.now(),
      now().getTime(),
    ]);
    expect(result).toEqual(Array(6).fill(1_000_000));
  });

  it('moves with the events of the run', async () => {
    const world = new World();
    const code = new Code().workflow('w', async () => {
      const before = Date.now();
      await sleep('1h');
      return Date.now() - before;
    });
    const process = await world.boot(code);
    worlds.push(process);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(3_600_000);
    expect(await process.result(runId)).toBe(3_600_000);
  });

  it('leaves dates that are given a time alone', async () => {
    const { result } = await inWorkflow(() => [
      new Date(5).getTime(),
      new Date(2020, 0, 2, 3, 4, 5, 6).getTime(),
      new Date('2020-01-01T00:00:00Z').getTime(),
      Date.UTC(2020, 0),
      new Date(undefined as never).getTime(),
    ]);
    expect(result).toEqual([5, new Date(2020, 0, 2, 3, 4, 5, 6).getTime(), 1577836800000, 1577836800000, NaN]);
  });

  it('is that of the run in subclasses as well', async () => {
    const { result } = await inWorkflow(() => {
      class Day extends Date {}
      const day = new Day();
      return [day.getTime(), day instanceof Day, day instanceof Date, day.constructor === Day];
    });
    expect(result).toEqual([1_000_000, true, true, true]);
  });

  it('is the real one in steps, and in side effects', async () => {
    const world = new World();
    const code = new Code();
    const step = code.step('step', () => [Date.now(), new Date().getTime(), performance.now()]);
    code.workflow('w', async () => [
      ...(await step()),
      ...(await sideEffect(() => [Date.now(), new Date().getTime(), getCurrentContext().kind])),
    ]);
    const process = await world.boot(code);
    worlds.push(process);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    const result = (await process.result(runId)) as number[];
    expect([0, 1, 3, 4].every((index) => isNative(new Date(result[index]!)))).toBe(true);
    expect(result[2]).toBeLessThan(1_000_000_000);
    expect(result[5]).toBe('workflow');
  });

  it('is the real one again once the run has ended', async () => {
    let later!: () => number;
    await inWorkflow(() => {
      later = AsyncLocalStorage.bind(() => Date.now());
    });
    expect(isNative(new Date(later()))).toBe(true);
  });
});

describe('chance in workflow code', () => {
  it('is that of the run, however it is asked for', async () => {
    const draw = (): unknown[] => [Math.random(), crypto.randomUUID(), globalThis.crypto.randomUUID(), random()];
    const world = new World();
    const code = new Code().workflow('w', async () => {
      const before = draw();
      await sleep('1h');
      return [...before, ...draw()];
    });
    const first = await world.boot(code);
    worlds.push(first);
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    kill(first);
    const second = await world.boot(code);
    worlds.push(second);
    await world.advance(2 * 3_600_000);
    const drawn = (await second.result(runId)) as unknown[];
    expect(new Set(drawn).size).toBe(8);
    expect(drawn[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is the same on replay', async () => {
    const drawn: unknown[][] = [];
    const world = new World();
    const code = new Code();
    const note = code.step('note', (...values: unknown[]) => values);
    code.workflow('w', async () => {
      const values = [Math.random(), crypto.randomUUID(), Date.now(), new Date().toISOString(), performance.now()];
      drawn.push(values);
      await note(...values);
      await sleep('1h');
      const more = [Math.random(), new Date(), globalThis.crypto.randomUUID()];
      drawn.push(more);
      await note(...more);
      return sleep('1h');
    });
    const options = { onChangedInput: 'block' } as const;
    const first = await world.boot(code, options);
    worlds.push(first);
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await world.advance(3_600_000);
    kill(first);
    const second = await world.boot(code, options);
    worlds.push(second);
    await world.advance(2 * 3_600_000);
    await second.result(runId);
    expect(drawn.length).toBeGreaterThan(3);
    expect(new Set(drawn.map((values) => JSON.stringify(values))).size).toBe(2);
  });
});

describe('I/O in workflow code', () => {
  it.each<[string, () => unknown, string]>([
    ['setTimeout()', () => new Promise<void>((resolve) => void setTimeout(resolve, 1)), 'use sleep()'],
    ['setInterval()', () => clearInterval(setInterval(() => {}, 99)), 'use sleep()'],
    ['setImmediate()', () => new Promise<void>((resolve) => void setImmediate(resolve)), 'move it into a step'],
    ['fetch()', () => fetch('http://localhost:1/').catch(() => {}), 'move it into a step'],
    ['setTimeout()', () => timers.clearTimeout(timers.setTimeout(() => {}, 99)), 'use sleep()'],
    ['setTimeout()', () => timersPromises.setTimeout(1), 'use sleep()'],
    ['request()', () => once(http.request('http://127.0.0.1:1/').end(), 'error'), 'move it into a step'],
    ['connect()', () => once(net.connect(1, '127.0.0.1'), 'error'), 'move it into a step'],
    ['connect()', () => once(tls.connect(1, '127.0.0.1'), 'error'), 'move it into a step'],
    ['connect()', () => once(http2.connect('http://127.0.0.1:1'), 'error'), 'move it into a step'],
    ['lookup()', () => dns.promises.lookup('127.0.0.1'), 'move it into a step'],
    ['lookup()', () => promisify(dns.lookup)('127.0.0.1'), 'move it into a step'],
    ['spawn()', () => once(childProcess.spawn('/none'), 'error'), 'move it into a step'],
    ['execFileSync()', () => childProcess.execFileSync(process.execPath, ['-v']), 'move it into a step'],
  ])('works and is reported: %s', async (call, body, instead) => {
    const { logs } = await inWorkflow(async () => {
      await body();
    });
    const reports = logs.filter((line) => line.includes(' calls '));
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain(`warn: workflow "w" calls ${call} at `);
    expect(reports[0]).toMatch(/guarded-globals\.spec\.ts:\d+:\d+/);
    expect(reports[0]).toContain(`which a replay does again: ${instead}`);
  });

  it('is reported once for each place', async () => {
    const { logs } = await inWorkflow(() => {
      for (let times = 0; times < 3; times++) clearTimeout(setTimeout(() => {}, 1));
      clearTimeout(setTimeout(() => {}, 1));
    });
    expect(logs.filter((line) => line.includes('setTimeout()'))).toHaveLength(2);
  });

  it('is not reported in steps and side effects', async () => {
    const world = new World();
    const code = new Code();
    const wait = async (): Promise<void> => timersPromises.setTimeout(1);
    const step = code.step('wait', wait);
    code.workflow('w', async () => [await step(), await sideEffect(wait)]);
    const process = await world.boot(code);
    worlds.push(process);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await process.result(runId);
    expect(world.logs).toEqual([]);
  });
});

describe('the options', () => {
  it('leave out what is turned off', async () => {
    const body = (): unknown => {
      clearTimeout(setTimeout(() => {}, 1));
      return [isNative(new Date(Date.now())), random() === Math.random()];
    };
    const { result, logs } = await inWorkflow(body, { guardGlobals: NONE });
    expect(result).toEqual([true, false]);
    expect(logs).toEqual([]);
    const only = await inWorkflow(body, { guardGlobals: { ...NONE, date: true } });
    expect(only.result).toEqual([false, false]);
    expect(only.logs).toEqual([]);
  });

  it('of one engine do not concern the runs of another', async () => {
    const restore = installGuards(ALL);
    const { result } = await inWorkflow(() => Date.now(), { guardGlobals: NONE });
    expect(isNative(new Date(result as number))).toBe(true);
    restore();
    restore();
  });
});

describe('the engine', () => {
  it('is part of no run, and sees the globals as they are, also when workflow code makes it go on', async () => {
    const world = new World();
    const seen: string[] = [];
    const watch = <T extends object>(name: string, port: T): T =>
      new Proxy(port, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]): unknown => {
            const where = `${name}.${String(key)}`;
            if (findCurrentContext()) seen.push(`${where} in a run`);
            if (!isNative(new Date())) seen.push(`${where} at another time`);
            return Reflect.apply(value, target, args);
          };
        },
      });
    const code = new Code();
    const step = code.step('step', () => 1);
    code.workflow('w', async () => {
      // Each of these goes on behind something that the engine knows nothing of.
      await timersPromises.setTimeout(1);
      await step();
      await timersPromises.setTimeout(1);
      getCurrentContext().logger.info('a line');
      await sleep('1h');
      await timersPromises.setTimeout(1);
      return step();
    });
    const booted = await world.boot(code, { sessionIdleMs: 0, maxSessions: 0 });
    worlds.push(booted);
    for (const port of ['store', 'queue', 'clock', 'logger', 'notifier'] as const)
      Object.assign(booted.ports, { [port]: watch(port, booted.ports[port]) });
    const { runId } = await booted.startRun({ workflow: 'w', args: [] });
    for (let turns = 0; turns < 5; turns++) {
      await timersPromises.setTimeout(5);
      await world.advance(1_800_000);
    }
    expect(await booted.result(runId)).toBe(1);
    expect(booted.counters).toBeInstanceOf(Counters);
    expect(seen).toEqual([]);
  });
});

describe('outside of workflow code', () => {
  beforeEach(() => {
    const restore = installGuards(ALL);
    worlds.push({ stop: async () => restore() });
  });

  it('Date is what it was', () => {
    const { Date: Native } = natives;
    expect(Date).not.toBe(Native);
    expect([Date.name, Date.length, Date.prototype]).toEqual(['Date', 7, Native.prototype]);
    expect(Reflect.ownKeys(Date).sort()).toEqual(Reflect.ownKeys(Native).sort());
    expect([Date.UTC, Date.parse]).toEqual([Native.UTC, Native.parse]);
    const date = new Date();
    expect(isNative(date)).toBe(true);
    expect(date instanceof Native && date instanceof Date && types.isDate(date)).toBe(true);
    expect(date.constructor).toBe(Date);
    expect(new Native(5).constructor).toBe(Date);
    expect(Object.prototype.toString.call(date)).toBe('[object Date]');
    expect(structuredClone(date)).toEqual(date);
    expect(JSON.parse(JSON.stringify({ date }))).toEqual({ date: date.toISOString() });
    expect(isNative(new Date(Date()))).toBe(true);
    expect(isNative(new Date(Date.now()))).toBe(true);
    expect(new Date(date)).toEqual(date);
    expect(new Date(2020, 1).getMonth()).toBe(1);
    expect(Object.getOwnPropertyDescriptor(Date, 'prototype')).toMatchObject({ writable: false });
  });

  it('classes may extend Date, in the old way too', () => {
    class Day extends Date {
      get isToday(): boolean {
        return isNative(this);
      }
    }
    const day = new Day();
    expect([day.isToday, day instanceof Day, types.isDate(day)]).toEqual([true, true, true]);
    expect(new Day(5).getTime()).toBe(5);
    class Old {}
    expect(Object.getPrototypeOf(Reflect.construct(Date, [5], Old))).toBe(Old.prototype);
    expect(typeof (Date as unknown as () => unknown).call({})).toBe('string');
  });

  it('functions do what they did, and look like it', async () => {
    expect(Math.random()).toBeLessThan(1);
    expect(crypto.randomUUID({ disableEntropyCache: true })).toHaveLength(36);
    expect(globalThis.crypto.randomUUID()).toHaveLength(36);
    expect([setTimeout.name, setTimeout.length]).toEqual([natives.setTimeout.name, natives.setTimeout.length]);
    expect(await promisify(setTimeout)(1, 'waited')).toBe('waited');
    expect(await timersPromises.setTimeout(1, 'waited')).toBe('waited');
    expect(net.connect).toBe(net.createConnection);
    expect(performance.now()).toBeLessThan(1e9);
  });
});

describe('installing', () => {
  it('is undone with the last user, and once by each', () => {
    const [first, second] = [installGuards(ALL), installGuards(ALL)];
    const { Date: guarded } = globalThis;
    first();
    first();
    expect(Date).toBe(guarded);
    second();
    expect(Date).toBe(natives.Date);
  });

  it('leaves what others have put in its place', () => {
    const restore = installGuards(ALL);
    const theirs = (): number => 0.5;
    Math.random = theirs;
    restore();
    expect(Math.random).toBe(theirs);
    Math.random = natives.random;
  });

  it('gets on with the fake timers of Jest, which were there before or come after', () => {
    const restore = installGuards(ALL);
    const { Date: guarded } = globalThis;
    jest.useFakeTimers({ now: 5 });
    expect([Date.now(), new Date().getTime()]).toEqual([5, 5]);
    jest.advanceTimersByTime(10);
    expect(Date.now()).toBe(15);
    jest.useRealTimers();
    expect(Date).toBe(guarded);
    restore();
    jest.useFakeTimers({ now: 5 });
    const again = installGuards(ALL);
    expect([Date.now(), new Date().getTime()]).toEqual([5, 5]);
    let fired = false;
    setTimeout(() => (fired = true), 10);
    jest.advanceTimersByTime(10);
    expect([fired, Date.now()]).toEqual([true, 15]);
    again();
    jest.useRealTimers();
    expect(isNative(new Date())).toBe(true);
  });
});
