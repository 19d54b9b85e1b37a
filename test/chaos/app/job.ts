/** What every workflow of the chaos tests is given: all that it does, and what it must return, follows from it. */
export interface Job {
  readonly id: string;
  readonly n: number;
}

export const KINDS = ['sequence', 'fan-out', 'approval', 'race', 'collect', 'early-rejection', 'long'] as const;
/** The names of the workflows. `deadly` ends its process; old processes lack `novel`. */
export type Kind = (typeof KINDS)[number] | 'deadly' | 'novel';

const PRIME = 1_000_003;

export function add(value: number, by: number): number {
  return (value * 31 + by) % PRIME;
}

/** How many steps, parts or payloads a job has. */
export function sizeOf({ n }: Job): number {
  return 3 + (n % 4);
}

/** From 0.2 to 5 seconds. */
export function pauseMsOf({ n }: Job): number {
  return n % 5 === 0 ? 200 + (n % 4_800) : 200 + (n % 600);
}

export const PAYLOADS = 3;
export const APPROVAL_TIMEOUT_MS = 4_000;
export const RACE_MS = 2_000;

export function tokenOf({ id }: Job): string {
  return `chaos-token-${id}`;
}
