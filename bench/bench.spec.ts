import { ENGINES, WORKLOADS } from './catalog.js';
import { Meter } from './meter.js';
import { BadOptionsError, help, parseOptions } from './options.js';
import { withFigures } from './page.js';
import { pooled } from './pooled.js';
import { Probe } from './probe.js';
import { passOn, type ProbeMessage, RemoteProbe } from './remote-probe.js';
import { median, quantile, summary } from './statistics.js';
import { table } from './table.js';
import type { Line } from './workload.js';
import { measureThroughput } from './workloads/w1-throughput.js';

const known = { engines: ['ours', 'theirs'], workloads: ['W1', 'W2'] };
const parse = (...args: string[]): ReturnType<typeof parseOptions> => parseOptions(args, known);

describe('the arguments of the benchmark', () => {
  it('mean the overview when they name no engine and no workload', () => {
    expect(parse()).toEqual({ type: 'overview', isQuick: false });
    expect(parse('--quick')).toEqual({ type: 'overview', isQuick: true });
    expect(parse('--help', '--quick')).toEqual({ type: 'help' });
  });

  it('name engines and workloads, and all of those that are not named', () => {
    const all = { type: 'comparison', isQuick: false, rounds: 1, ...known };
    expect(parse('--engines', 'theirs, ours,theirs')).toEqual({ ...all, engines: ['theirs', 'ours'] });
    expect(parse('--workloads', 'W2', '--quick', '--rounds', '5', '--json', 'out.jsonl', '--page', 'page.md')).toEqual({
      ...all,
      workloads: ['W2'],
      isQuick: true,
      rounds: 5,
      json: 'out.jsonl',
      page: 'page.md',
    });
  });

  it.each([
    [['--engines', 'ours,thiers'], '--engines: "thiers" is not one of ours, theirs.'],
    [['--workloads', ''], '--workloads: "" is not one of W1, W2.'],
    [['--workloads', 'W1', '--rounds', '0'], '--rounds: "0" is not a whole number from 1 to 100.'],
    [['--workloads', 'W1', '--rounds', '2.5'], '--rounds: "2.5" is not a whole number from 1 to 100.'],
    [['--rounds', '2'], '--rounds goes with --engines or --workloads.'],
    [['--json', 'out.jsonl'], '--json goes with --engines or --workloads.'],
    [['--page', 'page.md'], '--page goes with --engines or --workloads.'],
    [['--fast'], '--fast'],
    [['--engines'], '--engines'],
    [['W1'], 'W1'],
  ])('are refused with what is wrong: %j', (args, message) => {
    expect(() => parse(...args)).toThrow(BadOptionsError);
    expect(() => parse(...args)).toThrow(message);
  });

  it('are explained, with all engines and workloads', () => {
    const text = help(ENGINES, WORKLOADS);
    for (const name of [...Object.keys(ENGINES), ...Object.keys(WORKLOADS)]) expect(text).toContain(`\n  ${name} `);
  });
});

describe('the statistics', () => {
  it('take what lies between two values', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([7], 0.99)).toBe(7);
    expect(median([])).toBeNaN();
    expect(summary([10, 20, 30, 40.126])).toEqual({ n: 4, p50: 25, p95: 38.61, p99: 39.82, min: 10, max: 40.13 });
  });
});

describe('a page', () => {
  const workloads = { W1: { figure: 'runsPerSec', unit: 'runs/s' }, W2: { figure: 'p50', unit: 'ms' } };
  const lines: Line[] = [
    { engine: 'ours', workload: 'W1', runsPerSec: 1234.5 },
    { engine: 'theirs', workload: 'W1', error: 'it broke' },
    { engine: 'ours', workload: 'W2', p50: 0.75 },
  ];

  it('gets the figures between its marks, in place of those that were there', () => {
    const page = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n';
    const once = withFigures(page, { lines, workloads, on: 'A machine' });
    expect(once.split('\n')).toEqual([
      'before',
      '<!-- bench -->',
      '',
      '|        | W1, runsPerSec (runs/s) | W2, p50 (ms) |',
      '| ------ | ----------------------- | ------------ |',
      '| ours   | 1,234.5                 | 0.75         |',
      '| theirs | n/a                     | n/a          |',
      '',
      'A machine.',
      '',
      '<!-- /bench -->',
      'after',
      '',
    ]);
    expect(withFigures(once, { lines, workloads, on: 'A machine' })).toBe(once);
  });

  it('without marks is refused', () => {
    expect(() => withFigures('', { lines, workloads, on: '' })).toThrow('<!-- bench -->');
  });
});

describe('the table', () => {
  const workloads = { W1: { figure: 'runsPerSec', unit: 'runs/s', also: ['cpu', 'tx'] } };
  const line = (engine: string, figures: object): Line => ({ engine, workload: 'W1', ...figures });

  it('shows figures, ratios to the first engine, and what could not be measured', () => {
    const lines = [
      line('broken', { error: 'Error: a | b\n    at somewhere' }),
      line('ours', { runsPerSec: 1234.5, cpu: 0.25 }),
      line('theirs', { runsPerSec: 123.45, cpu: 2, tx: 5 }),
      line('other', { skipped: 'has none' }),
    ];
    expect(table(lines, workloads).split('\n')).toEqual([
      '| workload | engine | figure         | of the first | more         |',
      '| -------- | ------ | -------------- | ------------ | ------------ |',
      '| W1       | broken | error          |              | Error: a / b |',
      '| W1       | ours   | 1,234.5 runs/s | 1.00 x       | cpu 0.25     |',
      '| W1       | theirs | 123.45 runs/s  | 0.10 x       | cpu 2, tx 5  |',
      '| W1       | other  | n/a            |              | has none     |',
    ]);
  });
});

describe('several rounds', () => {
  const workloads = { W1: { figure: 'runsPerSec', unit: 'runs/s', also: ['tx'] } };
  const line = (engine: string, round: number, figures: object): Line => ({
    engine,
    workload: 'W1',
    round,
    ...figures,
  });

  it('are a row of medians, and of ratios that compare what ran in the same round', () => {
    const lines = [
      line('ours', 1, { runsPerSec: 1_000, tx: 1 }),
      line('theirs', 1, { runsPerSec: 100, tx: 5 }),
      line('theirs', 2, { runsPerSec: 40, tx: 6 }),
      line('ours', 2, { runsPerSec: 200, tx: 2 }),
      line('ours', 3, { runsPerSec: 500, tx: 3 }),
      line('theirs', 3, { runsPerSec: 60, tx: 7 }),
    ];
    expect(table(lines, workloads).split('\n')).toEqual([
      '| workload | engine | figure     | of the first          | more |',
      '| -------- | ------ | ---------- | --------------------- | ---- |',
      '| W1       | ours   | 500 runs/s | 1.00 x (1.00 to 1.00) | tx 2 |',
      '| W1       | theirs | 60 runs/s  | 0.12 x (0.10 to 0.20) | tx 6 |',
    ]);
  });

  it('have an error where one of them had, and leave out of the ratios what only one engine measured', () => {
    const lines = [
      line('ours', 1, { runsPerSec: 1_000 }),
      line('theirs', 1, { runsPerSec: 100 }),
      line('broken', 1, { runsPerSec: 10 }),
      line('broken', 2, { error: 'Error: it broke' }),
      line('theirs', 2, { runsPerSec: 300 }),
    ];
    expect(table(lines, workloads).split('\n').slice(2)).toEqual([
      '| W1       | ours   | 1,000 runs/s | 1.00 x       |                 |',
      '| W1       | theirs | 200 runs/s   | 0.10 x       |                 |',
      '| W1       | broken | error        |              | Error: it broke |',
    ]);
  });
});

describe('a measurement', () => {
  it('keeps no more calls under way than it may', async () => {
    let underWay = 0;
    const seen: number[] = [];
    await pooled(10, 3, async (index) => {
      seen.push(index);
      underWay += 1;
      expect(underWay).toBeLessThanOrEqual(3);
      await Promise.resolve();
      underWay -= 1;
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('runs through an engine', async () => {
    const probe = new Probe();
    const context = { probe, workload: 'W1', directory: '' };
    const engine = await ENGINES['pyworkflow-memory']!.open(context);
    const bench = { engine, probe, meter: new Meter(), isQuick: true };
    const figures = await measureThroughput(bench, { runs: 10, repetitions: 1 });
    await engine.close();
    expect(figures).toMatchObject({ n: 10, runsPerSec: expect.any(Number), nodeCpuPer1000: expect.any(Number) });
  });

  it('is told what workflows in another process do, by its own clock, and each sleep once', () => {
    const messages: ProbeMessage[] = [];
    const remote = new RemoteProbe((message) => messages.push(message));
    const before = performance.now();
    remote.sleeps(7, 1_000);
    remote.wakes(7);
    remote.waits('key');
    const after = performance.now();
    const elsewhere = messages.map((message) => ({ ...message, at: message.at + 60_000 }));
    const probe = new Probe();
    for (const message of [...messages, ...elsewhere.slice(0, 2)]) passOn(message, probe);
    const [due, woken, waiting] = [probe.due.get(7)! - 1_000, probe.woken.get(7)!, probe.waiting.get('key')!];
    for (const at of [due, woken, waiting]) {
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual(after + 1);
    }
  });

  it('refuses a wrong result', async () => {
    const engine = { three: async () => ({ result: async () => 4 }), close: async () => {} };
    const bench = { engine, probe: new Probe(), meter: new Meter(), isQuick: true };
    const measuring = measureThroughput(bench, { runs: 1, repetitions: 1 });
    await expect(measuring).rejects.toThrow('A run gave 4 instead of 3.');
  });
});
