import { ConsoleLogger, type LoggerService, type LogLevel } from '@nestjs/common';
import { withRunFields } from '../../libs/runtime/index.js';
import { logLine } from '../runtime/nest-logger.js';
import { isRepetition, runFields } from './run-fields.js';

/**
 * A logger for `app.useLogger(...)` that needs no package: lines that are written in a workflow or a step say which, and
 * a replay repeats no line. It hands them on to Nest's `ConsoleLogger`, or to a logger of yours.
 *
 * @example
 * ```ts
 * app.useLogger(new WorkflowLogger(new ConsoleLogger({ json: true })));
 * ```
 * @publicApi
 */
export class WorkflowLogger implements LoggerService {
  constructor(private readonly target: LoggerService = new ConsoleLogger()) {}

  log(message: unknown, ...more: unknown[]): void {
    this.write('log', message, more);
  }

  error(message: unknown, ...more: unknown[]): void {
    this.write('error', message, more);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.write('warn', message, more);
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.write('debug', message, more);
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.write('verbose', message, more);
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.write('fatal', message, more);
  }

  setLogLevels(levels: LogLevel[]): void {
    this.target.setLogLevels?.(levels);
  }

  private write(level: LogLevel, message: unknown, more: readonly unknown[]): void {
    if (!isRepetition()) this.target[level]?.(withFields(message), ...more);
  }
}

/** Objects are left as they are outside of runs; inside, their fields stand beside those of the run. */
function withFields(message: unknown): unknown {
  const fields = runFields();
  if (fields.runId === undefined) return message;
  if (message instanceof Error) return logLine(message.message, { ...fields, error: message });
  if (typeof message === 'object' && message !== null)
    return withRunFields(isRecord(message) ? message : { msg: message }, fields);
  return logLine(String(message), fields);
}

/** Whether all that it says is in its fields: a list, a Map or a Date has none, or means something else by them. */
function isRecord(message: object): boolean {
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(message) as object | null);
  return isPlain || (!(Symbol.iterator in message) && Object.keys(message).length > 0);
}
