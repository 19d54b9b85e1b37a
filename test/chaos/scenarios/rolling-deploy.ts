import { waitFor } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

export const rollingDeploy: Scenario = {
  name: 'rolling-deploy',
  about: 'Processes without a new workflow and step are replaced, one after another, by some that have them.',
  on: ['postgres', 'cluster'],
  async run(stage) {
    const { deployment, load, monitor } = stage;
    const old = await deployment.startAll({ CHAOS_OLD: '1' });
    load.feed(20);
    const { job } = await load.start('novel');
    for (const member of old) {
      await deployment.start(member.role).isUp;
      const fault = await member.stop();
      if (fault) return [fault];
      stage.harm(`replaced ${member.role} ${member.pid}`);
      await load.startMany(3, ['novel']);
    }
    await waitFor(() => monitor.runs.get(job.id)?.ended, 'the run of the new workflow has not ended', 60_000);
    const blocked = [...monitor.runs.values()].filter(({ status }) => status === 'blocked');
    return blocked.map(({ run_id: runId, reason }) => `${runId} is blocked: ${reason}`);
  },
};
