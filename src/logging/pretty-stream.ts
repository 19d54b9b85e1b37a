import { createRequire } from 'node:module';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { FIELDS_IN_LINE, prettyLine } from './pretty-line.js';

type PinoPretty = typeof import('pino-pretty');

/** Writes each line at once, so that none is lost with the process, as in another thread they would be. */
export interface PrettyStream {
  write(line: string): void;
}

/**
 * Makes lines for people of those that pino writes.
 *
 * @returns undefined if pino-pretty is not installed and `isWanted` leaves that open
 * @throws PyWorkflowConfigError if it is not installed and has to be
 */
export function prettyStream(isWanted: boolean | 'auto', load = loadPinoPretty): PrettyStream | undefined {
  const pinoPretty = load();
  if (!pinoPretty) {
    const words =
      'lines for people need the package "pino-pretty", which is not installed. Run: npm install --save-dev pino-pretty';
    if (isWanted === true) throw new PyWorkflowConfigError([words]);
    process.emitWarning(`${words}. Until then they are JSON; pretty: false says that they are to be.`);
    return undefined;
  }
  const prettify = pinoPretty.prettyFactory({
    messageFormat: (log, messageKey) => prettyLine(log, messageKey),
    ignore: FIELDS_IN_LINE,
    singleLine: true,
    customColors: 'message:reset',
  });
  return { write: (line) => void process.stdout.write(prettify(line) ?? '') };
}

function loadPinoPretty(): PinoPretty | undefined {
  try {
    return createRequire(import.meta.url)('pino-pretty') as PinoPretty;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
