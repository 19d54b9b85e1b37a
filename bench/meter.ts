import type { BenchEngine } from './engine.js';
import type { PostgresMonitor } from './postgres-monitor.js';
import { cpuOfTree, machineCpu } from './processes.js';
import { round } from './statistics.js';

/** What a timed section took. */
export interface Metered {
  readonly wallSec: number;
  readonly nodeCpuSec: number;
  readonly pgCpuSec?: number;
  readonly serverCpuSec?: number;
  /** Transactions that wrote something. */
  readonly writeTx?: number;
  readonly walBytes?: number;
  /** Cores that others used meanwhile, Redis included: where it is not near 0, the result is noisy. */
  readonly foreignCores?: number;
}

/** Measures timed sections: CPU by process, write transactions, bytes of WAL. */
export class Meter {
  constructor(
    private readonly postgres?: PostgresMonitor,
    private readonly engine: Pick<BenchEngine, 'nodePids' | 'serverPids'> = {},
  ) {}

  async start(): Promise<() => Promise<Metered>> {
    const before = await this.read();
    return async () => difference(before, await this.read());
  }

  /** All transactions in the database so far, reading ones included; nothing without PostgreSQL. */
  async transactions(): Promise<number | undefined> {
    return this.postgres?.transactions();
  }

  private async read(): Promise<Reading> {
    const writes = await this.postgres?.writes();
    const { user, system } = process.cpuUsage();
    const { nodePids = [], serverPids = [] } = this.engine;
    return {
      at: performance.now(),
      node: (user + system) / 1_000_000 + cpuOf(nodePids),
      pg: this.postgres?.postmaster === undefined ? undefined : cpuOfTree(this.postgres.postmaster),
      server: serverPids.length === 0 ? undefined : cpuOf(serverPids),
      machine: machineCpu(),
      transactionId: writes?.transactionId,
      wal: writes?.wal,
    };
  }
}

function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (cpuOfTree(pid) ?? 0), 0);
}

interface Reading {
  readonly at: number;
  readonly node: number;
  readonly pg: number | undefined;
  readonly server: number | undefined;
  readonly machine: number | undefined;
  readonly transactionId: number | undefined;
  readonly wal: number | undefined;
}

function difference(before: Reading, after: Reading): Metered {
  const less = (key: keyof Reading): number | undefined => {
    const [a, b] = [before[key], after[key]];
    return a === undefined || b === undefined ? undefined : round(b - a, 4);
  };
  const wallSec = (after.at - before.at) / 1_000;
  const nodeCpuSec = less('node')!;
  const [pgCpuSec, serverCpuSec, machine] = [less('pg'), less('server'), less('machine')];
  const foreign = machine === undefined ? undefined : machine - nodeCpuSec - (pgCpuSec ?? 0) - (serverCpuSec ?? 0);
  return {
    wallSec,
    nodeCpuSec,
    pgCpuSec,
    serverCpuSec,
    writeTx: less('transactionId'),
    walBytes: less('wal'),
    foreignCores: foreign === undefined ? undefined : round(Math.max(0, foreign / wallSec)),
  };
}
