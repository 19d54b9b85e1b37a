import { isEnded } from '../../core/index.js';
import { Chaos } from './chaos.js';
import { leftovers, stopAll } from './check-leftovers.js';
import { checkRun } from './check-run.js';
import { type Job, Clients } from './clients.js';
import { describe } from './program.js';
import type { SimulationSettings } from './settings.js';
import { codec } from './codec.js';
import { watchRejections } from './rejections.js';
import { World } from './world.js';

/** How long everything may take once the world is kind, in its own time. */
const PATIENCE_MS = 3 * 3_600_000;

export interface SimulationReport {
  readonly seed: number;
  /** The promises that were not kept. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** Of the trace: the same for the same seed. */
  readonly digest: string;
  /** The workflows, as text. */
  readonly programs: string;
  readonly events: number;
}

/** Lives through one seed, and says what has gone wrong. */
export async function simulate(seed: number, settings: SimulationSettings = {}): Promise<SimulationReport> {
  const world = new World(seed, settings);
  world.trace.note(`climate ${JSON.stringify(world.weather.climate)}`);
  const unwatch = watchRejections((reason) => world.trace.violate(`a rejection belongs to no run: ${show(reason)}`));
  let isOver = false;
  const life = live(world)
    .catch((error: unknown) => world.trace.violate(`the simulation itself failed: ${show(error)}`))
    .finally(() => (isOver = true));
  while (!isOver) {
    const ran = world.timeline.runNext();
    await world.loop.settle();
    if (!ran && !isOver) {
      world.trace.violate('nothing is left that could happen');
      break;
    }
  }
  if (isOver) await life;
  unwatch();
  return {
    seed,
    violations: world.trace.violations,
    trace: world.trace.lines,
    digest: world.trace.digest,
    programs: world.workflows
      .map(({ name, program, maxDurationMs }) => `${name} ${maxDurationMs ?? ''}\n${describe(program, '  ')}`)
      .join('\n'),
    events: [...world.ledger.runs.values()].reduce((sum, run) => sum + run.events.length, 0),
  };
}

function show(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function live(world: World): Promise<void> {
  const chaos = new Chaos(world);
  const clients = new Clients(world);
  chaos.begin();
  clients.begin();
  await until(world, clients, world.weather.climate.kindAfterMs);
  chaos.end();
  const isDone = await until(world, clients, PATIENCE_MS);
  if (!isDone) {
    const open = [...world.ledger.runs.values()].filter(({ status }) => !isEnded(status)).map(({ runId }) => runId);
    for (const runId of open)
      world.trace.violate(`${runId} has not ended: ${JSON.stringify(await world.store.runs.get(runId))}`);
    if (open.length === 0) world.trace.violate(`${clients.waiting} clients have no answer`);
    return;
  }
  for (const job of clients.jobs) await check(world, job);
  // Whoever has lost a run finds out by then.
  await world.sleep(2 * world.weather.climate.leaseMs + 30_000);
  for (const fault of [...(await stopAll(world)), ...(await leftovers(world))]) world.trace.violate(fault);
}

async function check(world: World, job: Job): Promise<void> {
  const run = world.ledger.runs.get(job.runId!)!;
  for (const fault of await checkRun(job, run, world.ledger, codec)) world.trace.violate(fault);
}

async function until(world: World, clients: Clients, ms: number): Promise<boolean> {
  const deadline = world.timeline.now() + ms;
  const isDone = (): boolean =>
    clients.waiting === 0 && [...world.ledger.runs.values()].every(({ status }) => isEnded(status));
  while (!isDone() && world.timeline.now() < deadline && world.trace.violations.length === 0) await world.sleep(100);
  return isDone();
}
