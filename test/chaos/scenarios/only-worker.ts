import { LEASE_MS } from '../driver/stage.js';
import { waitFor } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

/** What a busy machine may add to two leases. */
const SLACK_MS = 2_000;

export const onlyWorker: Scenario = {
  name: 'only-worker',
  about: 'SIGKILL for the only worker in the middle of a step: a fresh one goes on within two leases.',
  on: ['postgres', 'cluster'],
  async run(stage) {
    const { deployment, load, effects } = stage;
    const worker = deployment.kind === 'postgres' ? 'all' : 'step-worker';
    await deployment.startAll({}, deployment.kind === 'postgres' ? ['all'] : ['orchestrator', 'step-worker']);
    const { job } = await load.start('long');
    const begins = (): readonly number[] =>
      effects.read().flatMap(({ key, event, at }) => (key === `${job.id}:long#1` && event === 'begin' ? [at] : []));
    await waitFor(() => begins().length === 1, 'the step did not begin', 30_000);
    const victim = deployment.alive.find(({ role }) => role === worker)!;
    await victim.kill();
    const killedAt = Date.now();
    const fresh = deployment.start(worker);
    await fresh.isUp;
    await waitFor(() => begins().length === 2, 'the step did not begin again', 30_000);
    const tookMs = begins()[1]! - Math.max(killedAt, fresh.upAt);
    stage.harm(`killed the only ${worker}: its run went on ${tookMs} ms after the next was up`);
    const isLate = tookMs > 2 * LEASE_MS + SLACK_MS;
    return isLate ? [`the run went on only after ${tookMs} ms, which is more than two leases`] : [];
  },
};
