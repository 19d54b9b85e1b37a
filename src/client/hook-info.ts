import type { HookRecord, HookStatus } from '../../libs/core/index.js';

/** A hook, without its secret token. */
export interface HookInfo {
  readonly runId: string;
  /** Its name and occurrence, such as `approval#1`. */
  readonly id: string;
  readonly status: HookStatus;
  /** Whether it takes many payloads. */
  readonly multiple: boolean;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  /** Only if it was asked for with `includeTokens`. */
  readonly token?: string;
}

export function toHookInfo(hook: HookRecord, includeTokens: boolean): HookInfo {
  const { runId, id, status, multiple, createdAt, expiresAt, token } = hook;
  return {
    runId,
    id,
    status,
    multiple,
    createdAt: new Date(createdAt),
    ...(expiresAt === undefined ? undefined : { expiresAt: new Date(expiresAt) }),
    ...(includeTokens ? { token } : undefined),
  };
}
