import { parseArgs } from 'node:util';
import { DEPLOYMENTS, type DeploymentKind } from './driver/deployment.js';
import { type Outcome, runScenario } from './run-scenario.js';
import type { Scenario } from './scenarios/scenario.js';
import { SCENARIOS } from './scenarios/scenarios.js';
import { Servers } from './servers/servers.js';

/** How long all of it takes about, if `--minutes` does not say otherwise. */
const DEFAULT_MINUTES = 5;

interface Task {
  readonly scenario: Scenario;
  readonly kind: DeploymentKind;
}

/** `npm run chaos`. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) return 0;
  const { seed, scale, tasks } = options;
  const servers = await Servers.start();
  const outcomes: { readonly task: Task; readonly outcome: Outcome }[] = [];
  try {
    for (const task of tasks) {
      const { scenario, kind } = task;
      say(`=== ${scenario.name} on ${kind}, seed ${seed}`);
      const begunAt = Date.now();
      const tell = (line: string): void => say(`${seconds(Date.now() - begunAt)}  ${line}`);
      const outcome = await runScenario(scenario, { servers, kind, seed, scale, say: tell });
      for (const fault of outcome.faults) say(`FAULT  ${fault}`);
      outcomes.push({ task, outcome });
    }
  } finally {
    await servers.stop();
  }
  say('');
  say(row(['scenario', 'deployment', 'harms', 'runs', 'time', 'result']));
  for (const { task, outcome } of outcomes) say(row(columnsOf(task, outcome)));
  const failed = outcomes.filter(({ outcome }) => outcome.faults.length > 0);
  for (const { task, outcome } of failed) say(`${repeat(task, options)}  # ledger in ${outcome.directory}`);
  say(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
  return failed.length > 0 ? 1 : 0;
}

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly scale: number;
  readonly tasks: readonly Task[];
}

function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
      scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
      deployment: { type: 'string', default: 'all' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(helpText());
    return undefined;
  }
  if (!/^\d+$/.test(values.seed)) throw new Error(`--seed takes a whole number; it is "${values.seed}".`);
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0; it is "${values.minutes}".`);
  const kinds = DEPLOYMENTS.filter((kind) => values.deployment === kind || values.deployment === 'all');
  if (kinds.length === 0) {
    throw new Error(`--deployment takes ${DEPLOYMENTS.join(', ')} or all; it is "${values.deployment}".`);
  }
  const tasks = values.scenarios
    .split(',')
    .map(findScenario)
    .flatMap((scenario) => kinds.filter((kind) => scenario.on.includes(kind)).map((kind) => ({ scenario, kind })));
  if (tasks.length === 0) throw new Error(`None of these scenarios is for the deployment "${values.deployment}".`);
  return { seed: Number(values.seed), minutes, scale: minutes / DEFAULT_MINUTES, tasks };
}

function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Error(`--scenarios takes some of ${SCENARIOS.map((each) => each.name).join(', ')}; one is "${name}".`);
}

function helpText(): string {
  return [
    'npm run chaos -- [--seed S] [--minutes M] [--scenarios A,B,...] [--deployment postgres|cluster|all]',
    '',
    'Harms real processes and servers of its own while they run workflows, then checks that every run has ended right,',
    'from the database and from a ledger of what the steps really did.',
    '',
    '--deployment    postgres: equal processes that share a database. cluster: orchestrators, step workers and Redis. @default all',
    `--minutes       how long all scenarios take about; more is more harm. @default ${DEFAULT_MINUTES}`,
    '--seed          which runs, victims and moments are chosen. The operating system decides the rest. @default 1',
    '',
    ...SCENARIOS.map(({ name, about, on }) => `${name.padEnd(20)}${about} (${on.join(', ')})`),
  ].join('\n');
}

/** The one line that lives through a scenario again. */
function repeat({ scenario, kind }: Task, { seed, minutes }: Options): string {
  const longer = minutes === DEFAULT_MINUTES ? '' : ` --minutes ${minutes}`;
  return `npm run chaos -- --seed ${seed} --scenarios ${scenario.name} --deployment ${kind}${longer}`;
}

function columnsOf({ scenario, kind }: Task, { harms, runs, tookMs, faults }: Outcome): readonly string[] {
  const result = faults.length === 0 ? 'passed' : `FAILED (${faults.length})`;
  return [scenario.name, kind, String(harms), String(runs), seconds(tookMs), result];
}

function row([name = '', ...rest]: readonly string[]): string {
  return [name.padEnd(20), ...rest.map((text) => text.padEnd(11))].join(' ').trimEnd();
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
