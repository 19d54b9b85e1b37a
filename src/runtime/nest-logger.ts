import { inspect } from 'node:util';
import { Logger, type LoggerService } from '@nestjs/common';
import { type EngineLogger, SILENT_LOGGER } from '../../libs/runtime/index.js';

/**
 * A line with fields: an object for loggers that write JSON, a text for Nest's own console logger, which shows objects
 * by `inspect`.
 */
class LogLine {
  readonly msg: string;

  constructor(message: string, fields: object) {
    this.msg = message;
    const { error, ...rest } = fields as { readonly error?: unknown };
    Object.assign(this, rest, error === undefined ? undefined : { err: error });
  }

  [inspect.custom](): string {
    const { msg, ...fields } = this as { readonly msg: string; readonly err?: unknown };
    const { err, ...others } = fields;
    const shown = Object.entries(others).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : inspect(value)}`,
    );
    const trace = err === undefined ? '' : `\n${err instanceof Error ? (err.stack ?? err.message) : inspect(err)}`;
    return shown.length === 0 ? `${msg}${trace}` : `${msg} (${shown.join(' ')})${trace}`;
  }
}

/** A line as Nest's loggers take it. */
export function logLine(message: string, fields: object | undefined): string | LogLine {
  return fields && Object.keys(fields).length > 0 ? new LogLine(message, fields) : message;
}

/** Where the engine writes: Nest's logger, a logger of the user's, or nowhere. */
export function engineLogger(to: LoggerService | false | undefined): EngineLogger {
  if (to === false) return SILENT_LOGGER;
  const logger = to ?? new Logger('PyWorkflow');
  return {
    debug: (message, fields) => logger.debug?.(logLine(message, fields)),
    info: (message, fields) => void logger.log(logLine(message, fields)),
    warn: (message, fields) => void logger.warn(logLine(message, fields)),
    error: (message, fields) => void logger.error(logLine(message, fields)),
  };
}
