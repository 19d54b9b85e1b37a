import type { Stage } from '../driver/stage.js';
import { pause } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

const RESTARTS = 2;
const TERMINATIONS = 30;

export const postgresRestart: Scenario = {
  name: 'postgres-restart',
  about: 'PostgreSQL is restarted under load, in good order and as after a crash.',
  on: ['postgres', 'cluster'],
  env: { PYWORKFLOW_MAX_RECOVERY_ATTEMPTS: '1000' },
  commitsTakeMs: 15_000,
  async run(stage) {
    await stage.deployment.startAll();
    stage.load.feed(25);
    for (let restart = 0; restart < Math.ceil(RESTARTS * stage.options.scale); restart++) {
      await stage.aBusyMember();
      const signal = restart % 2 === 0 ? 'SIGINT' : 'SIGQUIT';
      await stage.options.servers.restartPostgres(signal);
      stage.harm(`restarted PostgreSQL by ${signal}`);
      await pause(3_000);
    }
  },
};

export const postgresTerminate: Scenario = {
  name: 'postgres-terminate',
  about: 'Connections of PostgreSQL are terminated, between steps and in the middle of commits.',
  on: ['postgres', 'cluster'],
  env: { PYWORKFLOW_MAX_RECOVERY_ATTEMPTS: '1000' },
  commitsTakeMs: 10_000,
  async run(stage) {
    await stage.deployment.startAll();
    stage.load.feed(40);
    const times = Math.ceil(TERMINATIONS * stage.options.scale);
    for (let nth = 1; nth <= times; nth++) {
      await stage.aBusyMember();
      const { all, active } = await terminate(stage, nth);
      stage.harm(`terminated ${all} connections, ${active} of them in the middle of a statement`);
      await pause(100 + stage.random.below(400));
    }
  },
};

/** Every third time all connections, otherwise those that are in the middle of a statement and a few more. */
async function terminate({ database }: Stage, nth: number): Promise<{ readonly all: number; readonly active: number }> {
  const [counts] = await database.query<{ all: number; active: number }>(
    `SELECT count(*)::int AS all, count(*) FILTER (WHERE state = 'active')::int AS active
     FROM (
       SELECT state, pg_terminate_backend(pid) AS is_done FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND ($1 OR state = 'active' OR random() < 0.2)
     ) AS terminated WHERE is_done`,
    [nth % 3 === 0],
  );
  return counts!;
}
