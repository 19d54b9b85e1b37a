import { caller } from '../../core/index.js';
import { type Guard, leaveRun } from '../context.js';
import type { EngineLogger } from '../logger.js';
import type { GuardedGlobals } from '../options.js';
import { reportOnce } from '../report-once.js';

interface RunFields {
  readonly runId: string;
  readonly workflow: string;
}

/** Guards the globals of one run. */
export function guardOf(options: GuardedGlobals, logger: EngineLogger, fields: RunFields): Guard | undefined {
  if (!options.date && !options.random && !options.io) return undefined;
  return new GuardOfRun(options, logger, fields);
}

class GuardOfRun implements Guard {
  lastCall: string | undefined;

  constructor(
    readonly options: GuardedGlobals,
    private readonly logger: EngineLogger,
    private readonly fields: RunFields,
  ) {}

  report(call: string, instead: string): void {
    const { logger, fields } = this;
    const location = caller();
    this.lastCall = `${call} at ${location}`;
    leaveRun(() =>
      reportOnce(logger, `${call} ${location}`, fields, () => {
        return `workflow "${fields.workflow}" calls ${call} at ${location}, which a replay does again: ${instead}`;
      }),
    );
  }
}
