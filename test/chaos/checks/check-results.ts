import { expectedResults } from '../app/expected.js';
import type { StartedJob } from '../driver/load.js';
import type { Stage } from '../driver/stage.js';
import type { EventRow, Histories } from './history.js';

/** Every run has completed with what plain computation gives, and what its hook has accepted it has received. */
export async function checkResults(stage: Stage, histories: Histories): Promise<string[]> {
  const faults: string[] = [];
  for (const started of stage.load.jobs) {
    const { kind, job } = started;
    const run = await stage.client.getRun(job.id);
    const answers = stage.load.courier.acceptedBy(job);
    const expected = expectedResults(kind, job, answers[0]);
    const result = run.status === 'completed' ? JSON.stringify(run.output) : `${run.status}: ${String(run.error)}`;
    if (!expected.some((each) => JSON.stringify(each) === result)) {
      faults.push(
        `${job.id} (n = ${job.n}) has ${result} and not ${expected.map((it) => JSON.stringify(it)).join(' or ')}`,
      );
    }
    faults.push(...checkHooks(stage, started, histories.get(job.id) ?? []));
  }
  return faults;
}

function checkHooks({ load }: Stage, { kind, job }: StartedJob, history: readonly EventRow[]): string[] {
  const answers = load.courier.acceptedBy(job);
  const received = history.filter(({ type }) => type === 'hook.received').length;
  const accepted = answers.filter((answer) => answer === true).length;
  const perhaps = answers.filter((answer) => answer === undefined).length;
  const least = kind === 'race' ? 0 : accepted; // a run that has gone on with its timer may end without it
  if (received >= least && received <= accepted + perhaps) return [];
  return [`${job.id}: its hook has accepted ${accepted} payloads, and the run has received ${received}`];
}
