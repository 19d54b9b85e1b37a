import type { Probe } from './probe.js';

export interface Started {
  result(): Promise<number>;
}

/** An engine, opened on empty servers. What it leaves out, it cannot do. */
export interface BenchEngine {
  /** Starts a run of three sequential steps; resolves when it is durably accepted. The result is `start + 3`. */
  three?(start: number): Promise<Started>;
  /** So many steps side by side, with the arguments 0, 1, ...; resolves to the sum of their results. */
  fanOut?(width: number): Promise<number>;
  /** So many steps one after another, from 0; resolves to their number. */
  sequential?(steps: number): Promise<number>;
  /** Starts a run that calls `probe.sleeps`, sleeps durably, calls `probe.wakes` and returns its index. */
  sleeper?(index: number, ms: number): Promise<Started>;
  /** Starts a run that calls `probe.waits(key)` and returns what is sent to the key. */
  waiter?(key: string): Promise<Started>;
  send?(key: string, value: number): Promise<void>;
  /** Prepares runs with long histories, and replays one of them after a restart each time it is called. */
  prepareReplay?(events: number): Promise<() => Promise<Replayed>>;
  /** Statements sent so far, by how many processes. */
  statements?(): { readonly count: number; readonly processes: number };
  /** Further Node.js processes that it consists of. */
  readonly nodePids?: readonly number[];
  /** The processes of a server of its own. */
  readonly serverPids?: readonly number[];
  close(): Promise<void>;
}

export interface Replayed {
  readonly events: number;
  /** From the read of the first page until the run waits again. */
  readonly ms: number;
  /** What this process had of the CPU meanwhile: the figure on a busy machine. */
  readonly cpuMs: number;
}

export interface EngineContext {
  readonly probe: Probe;
  readonly workload: string;
  /** An empty directory. */
  readonly directory: string;
  /** An empty database. */
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** What all keys in Redis begin with. */
  readonly keyPrefix?: string;
}

export type Need = 'postgres' | 'redis';

export interface EngineEntry {
  readonly title: string;
  /** How it is configured. */
  readonly config: string;
  readonly needs: readonly Need[];
  /** What is installed for it: package and version. @default nothing */
  readonly packages?: Readonly<Record<string, string>>;
  /** Why a workload is left out. */
  readonly skips?: Readonly<Record<string, string>>;
  open(context: EngineContext): Promise<BenchEngine>;
}
