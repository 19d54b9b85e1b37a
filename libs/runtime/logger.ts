/** Where the engine and the workflows' own loggers write. */
export interface EngineLogger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

export const SILENT_LOGGER: EngineLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** The fields of a line in a run: those of the run come first, and none of the user's takes the place of one. */
export function withRunFields(given: object | undefined, run: object): object {
  return { ...run, ...given, ...run };
}

/** A logger that says nothing while `isSilent`: a line that was written on the first execution is not written again on replay. */
export function unlessSilent(logger: EngineLogger, isSilent: () => boolean, fields: object): EngineLogger {
  const write = (level: keyof EngineLogger) => (message: string, more?: object) => {
    if (!isSilent()) logger[level](message, withRunFields(more, fields));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
