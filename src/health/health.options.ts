import { type Duration, durationToMs, InvalidInputError } from '../../libs/core/index.js';
import { aDuration, faultsOf, type Rules } from '../checks/rules.js';

/** What every check of the health indicator takes. */
export interface PingOptions {
  /** How long an answer may take. @default '3s' */
  readonly timeout?: Duration;
}

/** What the checks of the health indicator take that look for overdue runs as well. */
export interface PyWorkflowHealthOptions extends PingOptions {
  /** How long a run may have been due without a process that takes it up. @default '1m' */
  readonly maxOverdue?: Duration;
}

export interface HealthLimits {
  readonly timeoutMs: number;
  readonly maxOverdueMs: number;
}

const RULES: Rules = {
  timeout: aDuration(1),
  maxOverdue: aDuration(),
} satisfies Record<keyof PyWorkflowHealthOptions, unknown>;

/** @throws InvalidInputError that lists everything that is wrong */
export function healthLimits(method: string, options: PyWorkflowHealthOptions): HealthLimits {
  const faults = faultsOf(`PyWorkflowHealthIndicator.${method}()`, options, RULES);
  if (faults.length > 0) throw new InvalidInputError(faults.join(' '));
  const { timeout = '3s', maxOverdue = '1m' } = options;
  return { timeoutMs: durationToMs(timeout), maxOverdueMs: durationToMs(maxOverdue) };
}
