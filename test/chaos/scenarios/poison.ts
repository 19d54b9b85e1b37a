import { waitFor } from '../driver/wait.js';
import type { Stage } from '../driver/stage.js';
import type { Scenario } from './scenario.js';

export const poison: Scenario = {
  name: 'poison',
  about: 'A step that ends its process each time: its run alone is paused, and goes on when that is mended.',
  on: ['postgres', 'cluster'],
  async run(stage) {
    const { deployment, load, monitor } = stage;
    await deployment.startAll();
    await load.startMany(20);
    for (const member of deployment.members) member.mayEnd();
    const { job } = await load.start('deadly');
    await load.startMany(10);
    const deaths = await superviseUntil(stage, () => monitor.runs.get(job.id)?.status === 'paused');
    stage.harm(`${deaths} processes died of ${job.id}, which is paused`);
    // Nobody else is harmed: the others end while it waits.
    await stage.untilAllEnded(60_000, [job.id]);
    await deployment.stopAll();
    await deployment.startAll({ CHAOS_MENDED: '1' });
    await stage.client.resume(job.id);
  },
};

/** Starts a process for each that dies, as the supervisor of a deployment does. @returns how many have died */
async function superviseUntil({ deployment }: Stage, isOver: () => boolean): Promise<number> {
  const replaced = new Set<number>();
  await waitFor(
    () => {
      for (const member of deployment.members) {
        if (member.isAlive || replaced.has(member.pid)) continue;
        replaced.add(member.pid);
        deployment.start(member.role).mayEnd();
      }
      return isOver();
    },
    'the run that ends its processes was not paused',
    120_000,
  );
  return replaced.size;
}
