import type { Member } from '../driver/member.js';
import { LEASE_MS, type Stage } from '../driver/stage.js';
import { pause, waitFor } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

const FREEZES = 3;

export const freeze: Scenario = {
  name: 'freeze',
  about: 'SIGSTOP for holders of runs, and for step workers, until others have taken over; then SIGCONT.',
  on: ['postgres', 'cluster'],
  env: { PYWORKFLOW_MAX_RECOVERY_ATTEMPTS: '1000' },
  async run(stage) {
    await stage.deployment.startAll();
    stage.load.feed(25);
    await stage.load.startMany(2, ['long']);
    const faults: string[] = [];
    for (let turn = 0; turn < Math.ceil(FREEZES * stage.options.scale); turn++) {
      faults.push(...(await freezeAHolder(stage)));
      if (stage.deployment.kind === 'cluster') await freezeAStepWorker(stage);
    }
    return faults;
  },
};

/** What it holds goes to others, and once it wakes it writes nothing more to those runs under its old fence. */
async function freezeAHolder(stage: Stage): Promise<readonly string[]> {
  const { deployment, monitor } = stage;
  const victim = await stage.aBusyMember(() => deployment.alive.filter(({ role }) => role !== 'step-worker'));
  const owner = victim.owner!;
  victim.freeze();
  await pause(500); // what it had sent before is in the database
  const held = await stage.database.query<{ run_id: string; fence: number; sequence: number }>(
    'SELECT run_id, fence, sequence FROM workflow_run WHERE owner = $1 AND ended_at IS NULL',
    [owner],
  );
  const isTaken = ({ run_id: runId, fence }: (typeof held)[number]): boolean =>
    (monitor.runs.get(runId)?.fence ?? 0) > fence;
  try {
    await waitFor(
      () => held.every(isTaken),
      () =>
        `the runs of frozen process ${victim.pid} were not taken over: ${JSON.stringify(held.filter((it) => !isTaken(it)))}`,
      LEASE_MS * 10,
    );
  } finally {
    victim.thaw();
  }
  stage.harm(`froze ${victim.role} ${victim.pid} until its ${held.length} runs were taken over`);
  await pause(1_000);
  const fences = new Map(held.map(({ run_id: runId, fence }) => [runId, fence]));
  const back = [...monitor.runs.values()].filter(
    (run) => fences.has(run.run_id) && run.fence <= fences.get(run.run_id)!,
  );
  return back.map((run) => `${run.run_id} is back under fence ${run.fence} of the frozen process`);
}

/** Another worker runs its attempts, and the outcomes that it has when it wakes are refused. */
async function freezeAStepWorker(stage: Stage): Promise<void> {
  const victim = await stage.aBusyMember(() => stage.deployment.alive.filter(({ role }) => role === 'step-worker'));
  victim.freeze();
  const open = stage.effects.openOf(victim.pid).filter(({ step }) => step !== 'flaky' && step !== 'refuse');
  await pause(LEASE_MS + 1_000);
  await untilElsewhere(
    stage,
    victim,
    open.map(({ key }) => key!),
  ).finally(() => victim.thaw());
  stage.harm(`froze step worker ${victim.pid} until its ${open.length} attempts were superseded`);
}

async function untilElsewhere(stage: Stage, victim: Member, keys: readonly string[]): Promise<void> {
  const hasMoved = (key: string): boolean => {
    const rows = stage.effects.rows.filter((row) => row.key === key);
    return (
      rows.some(({ pid }) => pid !== victim.pid) || rows.some(({ pid, event }) => pid === victim.pid && event === 'end')
    );
  };
  await waitFor(
    () => {
      stage.effects.read();
      return keys.every(hasMoved);
    },
    () =>
      `attempts of frozen step worker ${victim.pid} were not begun elsewhere: ${keys.filter((key) => !hasMoved(key)).join(', ')}`,
    LEASE_MS * 10,
  );
}
