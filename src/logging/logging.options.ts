import type { Options } from 'pino-http';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { aBoolean, faultsOf, oneOf, type Rule, type Rules } from '../checks/rules.js';

/** The levels of pino, the most severe first. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** What `workflowLogging` takes. */
export interface WorkflowLoggingOptions {
  /** The least level that is written. @default 'info' if NODE_ENV is 'production', else 'debug' */
  readonly level?: LogLevel;
  /**
   * Lines for people instead of JSON, by `pino-pretty`.
   * @default 'auto': unless NODE_ENV is 'production' or pino-pretty is not installed
   */
  readonly pretty?: boolean | 'auto';
  /** More options of pino and pino-http, such as `redact` or `autoLogging`. */
  readonly pinoHttp?: Options;
}

const aForm: Rule = (value) =>
  value === 'auto' || aBoolean(value) === undefined ? undefined : "true, false or 'auto'";
const anObject: Rule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : 'an object with options of pino-http';

const RULES: Rules = {
  level: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  pretty: aForm,
  pinoHttp: anObject,
} satisfies Record<keyof WorkflowLoggingOptions, Rule>;

/** @throws PyWorkflowConfigError that lists everything that is wrong */
export function checkLoggingOptions(options: unknown): void {
  const faults = faultsOf('workflowLogging()', options, RULES);
  if (faults.length > 0) throw new PyWorkflowConfigError(faults);
}
