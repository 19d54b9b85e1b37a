import type { Payload } from './history-event.js';

export const RUN_STATUSES = [
  'pending',
  'running',
  'suspended',
  'completed',
  'failed',
  'cancelled',
  'continued_as_new',
  'blocked',
  'paused',
] as const;

/**
 * Where a run stands. `blocked` and `paused` wait for a person: blocked code does not match the history
 * or is missing, a paused run was stopped by an operator, by exhausted retries or as a suspect of killing its process.
 */
export type RunStatus = (typeof RUN_STATUSES)[number];

const ENDED: ReadonlySet<RunStatus> = new Set(['completed', 'failed', 'cancelled', 'continued_as_new']);

export function isEnded(status: RunStatus): boolean {
  return ENDED.has(status);
}

/** One row per run: what can be known of it without reading its history. */
export interface RunRecord {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly tags: readonly string[];
  readonly idempotencyKey?: string;
  /** Tells whether a second start with the same idempotency key has the same input. */
  readonly inputDigest?: string;
  /** Sequence of the last event. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  readonly output?: Payload;
  readonly error?: Payload;
  /** Why the run is blocked or paused. */
  readonly reason?: string;
  /** Rises with every claim; a commit that carries an older one is refused. */
  readonly fence: number;
  /** The process that holds the lease. */
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** The earliest time at which someone must look at the run again; while it is leased, when the lease expires. */
  readonly wakeAt?: number;
  /** How often its process died in the middle of this run since it last got on. */
  readonly recoveryAttempts: number;
}

/** A hook's row: who may deliver what, until when. */
export interface HookRecord {
  readonly runId: string;
  readonly id: string;
  readonly token: string;
  readonly status: HookStatus;
  readonly multiple: boolean;
  readonly createdAt: number;
  readonly expiresAt?: number;
  /** It has a definition, which whoever delivers to it must know. */
  readonly defined?: true;
}

/** `open` accepts deliveries; a hook of many payloads stays open when it receives one. */
export type HookStatus = 'open' | 'received' | 'expired' | 'closed';
