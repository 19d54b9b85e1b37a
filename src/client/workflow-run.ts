import type { Codec, RunRecord, RunStatus } from '../../libs/core/index.js';

/** Where a run stands. */
export interface WorkflowRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly tags: readonly string[];
  readonly idempotencyKey?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Present once the run has ended. */
  readonly endedAt?: Date;
  /** What it returned, if it has completed. */
  readonly output?: unknown;
  /** What it threw, if it has failed or was cancelled. */
  readonly error?: unknown;
  /** Why it is blocked or paused. */
  readonly reason?: string;
  /** How many events its history has. */
  readonly eventCount: number;
  /** How often its process died in the middle of it since it last got on. */
  readonly recoveryAttempts: number;
}

export function toWorkflowRun(record: RunRecord, codec: Codec): WorkflowRun {
  const { endedAt, output, error, idempotencyKey, reason } = record;
  return {
    runId: record.runId,
    workflow: record.workflow,
    version: record.version,
    status: record.status,
    tags: record.tags,
    createdAt: new Date(record.createdAt),
    updatedAt: new Date(record.updatedAt),
    eventCount: record.sequence,
    recoveryAttempts: record.recoveryAttempts,
    ...(idempotencyKey === undefined ? undefined : { idempotencyKey }),
    ...(endedAt === undefined ? undefined : { endedAt: new Date(endedAt) }),
    ...(output === undefined ? undefined : { output: decodeOrError(codec, output) }),
    ...(error === undefined ? undefined : { error: decodeOrError(codec, error) }),
    ...(reason === undefined ? undefined : { reason }),
  };
}

/** One value that cannot be read must not hide the others. */
export function decodeOrError(codec: Codec, payload: string): unknown {
  try {
    return codec.decode(payload);
  } catch (error) {
    return error;
  }
}
