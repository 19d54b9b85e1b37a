import { caller } from '../../core/index.js';
import { type Guard, leaveRun } from '../context.js';
import type { EngineLogger } from '../logger.js';
import type { GuardedGlobals } from '../options.js';
import { reportOnce } from '../report-once.js';

/** Guards the globals of one run. */
export function guardOf(
  options: GuardedGlobals,
  logger: EngineLogger,
  fields: { readonly runId: string; readonly workflow: string },
): Guard | undefined {
  if (!options.date && !options.random && !options.io) return undefined;
  let lastCall: string | undefined;
  const report = (call: string, instead: string): void => {
    const location = caller();
    lastCall = `${call} at ${location}`;
    leaveRun(() =>
      reportOnce(logger, `${call} ${location}`, fields, () => {
        return `workflow "${fields.workflow}" calls ${call} at ${location}, which a replay does again: ${instead}`;
      }),
    );
  };
  return {
    options,
    report,
    get lastCall() {
      return lastCall;
    },
  };
}
