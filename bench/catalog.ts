import { bullmqRedis } from './engines/bullmq-redis.js';
import { pgLoop } from './engines/pg-loop.js';
import {
  pyworkflowFile,
  pyworkflowMemory,
  pyworkflowPostgres,
  pyworkflowRedis,
  pyworkflowSqlite,
} from './engines/pyworkflow.js';
import { pyworkflowCluster, pyworkflowRedisCluster } from './engines/pyworkflow-cluster.js';
import type { EngineEntry } from './engine.js';
import { PEERS } from './peers.js';
import type { Workload } from './workload.js';
import { idleCost } from './workloads/idle-cost.js';
import { throughput } from './workloads/w1-throughput.js';
import { latency } from './workloads/w2-latency.js';
import { fanOut } from './workloads/w3-fan-out.js';
import { linearity } from './workloads/w4-linearity.js';
import { manySleepers, sleepers } from './workloads/w5-sleepers.js';
import { hooks } from './workloads/w6-hooks.js';
import { replay } from './workloads/w7-replay.js';
import { memory } from './workloads/w8-memory.js';

/** What `--engines` can name. A new one is a file in engines/ or peers/, and a line here or in PEERS. */
export const ENGINES: Readonly<Record<string, EngineEntry>> = {
  'pyworkflow-postgres': pyworkflowPostgres,
  'pyworkflow-cluster': pyworkflowCluster,
  'pyworkflow-redis': pyworkflowRedis,
  'pyworkflow-redis-cluster': pyworkflowRedisCluster,
  'pyworkflow-sqlite': pyworkflowSqlite,
  'pyworkflow-file': pyworkflowFile,
  'pyworkflow-memory': pyworkflowMemory,
  'pg-loop': pgLoop,
  'bullmq-redis': bullmqRedis,
  ...PEERS,
};

/** What `--workloads` can name. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  W1: throughput,
  W2: latency,
  W3: fanOut,
  W4: linearity,
  W5: sleepers,
  W5M: manySleepers,
  W6: hooks,
  W7: replay,
  W8: memory,
  IDLE: idleCost,
};
