import type { Member } from '../driver/member.js';
import { waitFor } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

const RUNS = 50;
/** Far more than a run takes that is handed over, and far less than the lease. */
const HAND_OVER_MS = 25_000;

export const sigterm: Scenario = {
  name: 'sigterm',
  about: `SIGTERM for a process with ${RUNS} runs in flight: it hands them over, and none waits for a lease.`,
  on: ['postgres', 'cluster'],
  env: { PYWORKFLOW_LEASE: '120s', PYWORKFLOW_RECOVERY_INTERVAL: '2s' },
  async run(stage) {
    const { deployment, load, monitor } = stage;
    await deployment.startAll();
    const faults: string[] = [];
    for (const role of new Set(deployment.roles)) {
      const before = load.jobs.length;
      await load.startMany(RUNS, ['sequence', 'fan-out', 'early-rejection', 'collect']);
      const held = ({ owner }: Member): number => (owner === undefined ? 0 : monitor.heldBy(owner).length);
      const victim = await stage.aBusyMember(() =>
        deployment.alive.filter(
          (member) => member.role === role && (role === 'step-worker' || held(member) >= RUNS / 5),
        ),
      );
      const heldRuns = held(victim);
      const fault = await victim.stop();
      if (fault) faults.push(fault);
      stage.harm(`SIGTERM for ${role} ${victim.pid}, which held ${heldRuns} runs`);
      const late = (): readonly string[] =>
        load.jobs.slice(before).flatMap(({ job: { id } }) => (monitor.runs.get(id)?.ended ? [] : [id]));
      await waitFor(
        () => late().length === 0,
        () =>
          `after SIGTERM of ${role} ${victim.pid} runs wait for its lease: ${JSON.stringify(late().map((id) => monitor.runs.get(id)))}`,
        HAND_OVER_MS,
      );
      await deployment.start(role).isUp;
    }
    return faults;
  },
};
