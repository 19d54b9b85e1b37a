import { freeze } from './freeze.js';
import { killStorm } from './kill-storm.js';
import { onlyWorker } from './only-worker.js';
import { poison } from './poison.js';
import { postgresRestart, postgresTerminate } from './postgres.js';
import { redisDown, redisFlush } from './redis.js';
import { repeats } from './repeats.js';
import { rollingDeploy } from './rolling-deploy.js';
import type { Scenario } from './scenario.js';
import { sigterm } from './sigterm.js';

export const SCENARIOS: readonly Scenario[] = [
  killStorm,
  freeze,
  onlyWorker,
  poison,
  repeats,
  rollingDeploy,
  sigterm,
  postgresRestart,
  postgresTerminate,
  redisFlush,
  redisDown,
];
