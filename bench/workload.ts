import type { BenchEngine } from './engine.js';
import type { Meter } from './meter.js';
import type { Probe } from './probe.js';

/** What is measured: plain values for a line of JSON. */
export type Figures = Readonly<Record<string, unknown>>;

/** What is measured of one engine: a line of JSON. */
export type Line = Figures & { readonly engine: string; readonly workload: string };

export interface Bench {
  readonly engine: BenchEngine;
  readonly probe: Probe;
  readonly meter: Meter;
  readonly isQuick: boolean;
}

export interface Workload {
  readonly title: string;
  /** The figure that engines are compared by. */
  readonly figure: string;
  readonly unit: string;
  /** Further figures that the table shows. @default none */
  readonly also?: readonly string[];
  measure(bench: Bench): Promise<Figures>;
}

/** An engine does not offer what a workload asks for. */
export class NotOfferedError extends Error {}

export function offered<T>(method: T | undefined): T {
  if (method === undefined) throw new NotOfferedError('the engine does not offer it');
  return method;
}

export function expectResult(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`A run gave ${actual} instead of ${expected}.`);
}

/** Starts a run of three steps, waits for its result, and checks it. */
export async function runThree({ engine }: Bench, start: number): Promise<void> {
  const run = await offered(engine.three?.bind(engine))(start);
  expectResult(await run.result(), start + 3);
}

/** Rejects when something takes longer than anybody wants to wait for. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Memory of this process after a collection, in bytes. */
export async function settledRss(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss;
}
