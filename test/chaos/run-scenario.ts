import { checkEffects } from './checks/check-effects.js';
import { checkHistories } from './checks/check-histories.js';
import { checkLeftovers, untilSwept } from './checks/check-leftovers.js';
import { checkRedis } from './checks/check-redis.js';
import { checkResults } from './checks/check-results.js';
import { loadHistories } from './checks/history.js';
import { Stage, type StageOptions } from './driver/stage.js';
import type { Scenario } from './scenarios/scenario.js';

/** How long all runs may stand still once no more harm is done. */
const RECOVERY_MS = 60_000;
/** A run without a fault needs no page of them. */
const FAULTS_TOLD = 20;

export interface Outcome {
  readonly faults: readonly string[];
  readonly runs: number;
  readonly harms: number;
  readonly tookMs: number;
  /** Where the ledger of a scenario that has failed is. */
  readonly directory: string;
}

/** Lives through one scenario on one deployment, and checks what must hold after it. */
export async function runScenario(scenario: Scenario, options: Omit<StageOptions, 'name' | 'env'>): Promise<Outcome> {
  const begunAt = Date.now();
  const stage = await Stage.set({ ...options, name: scenario.name, env: scenario.env ?? {} });
  const faults: string[] = [];
  try {
    faults.push(...((await scenario.run(stage)) ?? []));
    await stage.untilAllEnded(RECOVERY_MS);
    faults.push(...(await check(stage, scenario)));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    faults.push(...stage.deployment.collapses);
    await stage.strike(faults.length > 0);
  }
  const { harms, load, directory } = stage;
  return {
    faults: faults.slice(0, FAULTS_TOLD),
    runs: load.jobs.length,
    harms,
    tookMs: Date.now() - begunAt,
    directory,
  };
}

async function check(stage: Stage, scenario: Scenario): Promise<readonly string[]> {
  const { database, deployment, monitor } = stage;
  const histories = await loadHistories(database);
  await untilSwept(database, RECOVERY_MS);
  const faults = [
    ...checkHistories(histories),
    ...checkEffects(stage, histories, scenario.commitsTakeMs ?? 0),
    ...(await checkResults(stage, histories)),
    ...(await checkRedis(stage, RECOVERY_MS)),
    ...(await deployment.stopAll()),
    ...(await checkLeftovers(database)),
    ...(await checkRedis(stage, 0)),
  ];
  await monitor.stop();
  return [...faults, ...monitor.violations];
}
