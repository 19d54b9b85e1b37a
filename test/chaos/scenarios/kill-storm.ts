import type { Scenario } from './scenario.js';

/** In both, what dies is a process of the same code; the cluster has more kinds of them. */
const KILLS = { cluster: 60, postgres: 20 } as const;

export const killStorm: Scenario = {
  name: 'kill-storm',
  about: `SIGKILL for ${KILLS.cluster} processes (postgres: ${KILLS.postgres}) that have committed since their start and are in the middle of runs.`,
  on: ['postgres', 'cluster'],
  // Any run may be the one in the middle of which a process dies, again and again.
  env: { PYWORKFLOW_MAX_RECOVERY_ATTEMPTS: '1000' },
  async run(stage) {
    const { deployment, load } = stage;
    await deployment.startAll();
    load.feed(30);
    const kills = Math.ceil(KILLS[deployment.kind] * stage.options.scale);
    for (let kill = 1; kill <= kills; kill++) {
      const victim = await stage.aBusyMember();
      await victim.kill();
      stage.harm(`kill ${kill} of ${kills}: ${victim.role} ${victim.pid}`);
      deployment.start(victim.role);
    }
  },
};
