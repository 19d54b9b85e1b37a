import type { HistoryEvent } from '../../libs/core/index.js';
import { endPrograms, type Program } from './support/program.js';
import { Scene } from './support/scene.js';
import { until } from './support/until.js';

const RUNS = Array.from({ length: 40 }, (_, n) => n);
/** How many steps each process may end before it is killed. */
const STEPS_BEFORE_KILLS = [3, 30, 7, 50, 15, 80, 40];

let scene: Scene;
let last: Program;
const histories = new Map<string, readonly HistoryEvent[]>();
/** Step calls that began in a process although their outcome had been committed before it started. */
const again: string[] = [];

/** A process is killed, and the next one goes on, several times. */
beforeAll(async () => {
  scene = await Scene.create();
  let done = new Set<string>();
  for (const [kill, stepsBefore] of STEPS_BEFORE_KILLS.entries()) {
    const victim = scene.start('many', { SESSION_IDLE_MS: kill % 2 === 0 ? '1' : '5000' });
    await until(
      () => endedSteps(victim) >= stepsBefore,
      () => victim.describe('did not get on'),
    );
    await victim.kill();
    noteRepeated(victim, done);
    done = await completedCalls();
  }
  last = await scene.run('many');
  noteRepeated(last, done);
  await completedCalls();
}, 180_000);

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

it('ends every run with the right result after seven kills', async () => {
  expect(JSON.parse(await last.line('results'))).toEqual(
    RUNS.map((n) => [n, `process of run ${n}`, [n, 2 * n, 3 * n, 4 * n], n, `answer ${n}`]),
  );
});

it('has one outcome for each step call, and no gap in any history', () => {
  for (const history of histories.values()) {
    expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
    const outcomes = history.flatMap((event) => (event.type === 'step.completed' ? [event.id] : []));
    expect([...outcomes].sort()).toEqual(['first#1', 'flaky#1', 'last#1', 'part#1', 'part#2', 'part#3', 'part#4']);
  }
});

it('runs no step again whose outcome was committed', () => {
  expect(again).toEqual([]);
});

it('counts the failed attempt of each flaky step once', () => {
  for (const history of histories.values()) {
    expect(history.filter(({ type }) => type === 'step.retrying')).toHaveLength(1);
  }
});

function endedSteps({ pid }: Program): number {
  return scene.ledger.of(pid).filter(({ event }) => event === 'end').length;
}

function noteRepeated(program: Program, done: ReadonlySet<string>): void {
  for (const { event, key } of scene.ledger.of(program.pid)) if (event === 'begin' && done.has(key!)) again.push(key!);
}

async function completedCalls(): Promise<Set<string>> {
  const looks = await scene.lookAtAll(RUNS.map((n) => `many-${n}`));
  for (const [runId, { history }] of looks) {
    const before = histories.get(runId) ?? [];
    expect(history.slice(0, before.length)).toEqual(before);
    histories.set(runId, history);
  }
  const keys = [...histories].flatMap(([runId, history]) =>
    history.flatMap((event) => (event.type === 'step.completed' ? [`${runId}:${event.id}`] : [])),
  );
  return new Set(keys);
}
