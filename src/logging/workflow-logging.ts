import type { Params } from 'nestjs-pino';
import type { Options } from 'pino-http';
import { withRunFields } from '../../libs/runtime/index.js';
import { checkLoggingOptions, type WorkflowLoggingOptions } from './logging.options.js';
import { prettyStream } from './pretty-stream.js';
import { isRepetition, runFields } from './run-fields.js';

type LogMethod = NonNullable<NonNullable<Options['hooks']>['logMethod']>;

/**
 * Options for the `LoggerModule` of nestjs-pino: each line that is written in a workflow or a step, by whatever they
 * call, has `runId`, `workflow`, and in steps `step`, `stepId` and `attempt`; a replay repeats no line.
 *
 * @example
 * ```ts
 * LoggerModule.forRoot(workflowLogging())
 * ```
 * @throws PyWorkflowConfigError that lists everything that is wrong
 * @publicApi
 */
export function workflowLogging(options: WorkflowLoggingOptions = {}): Params {
  checkLoggingOptions(options);
  const isProduction = process.env['NODE_ENV'] === 'production';
  const { level = isProduction ? 'info' : 'debug', pretty = 'auto', pinoHttp = {} } = options;
  const complete: Options = { level, ...pinoHttp, ...mixinOf(pinoHttp), hooks: hooksOf(pinoHttp) };
  const isPretty = pretty === 'auto' ? !isProduction : pretty;
  const stream = isPretty ? prettyStream(pretty) : undefined;
  return { pinoHttp: stream ? [complete, stream] : complete };
}

/** The fields of the run are put over all others, be they of the line or of a mixin of the user's. */
function mixinOf({ mixin, mixinMergeStrategy: own }: Options): Pick<Options, 'mixin' | 'mixinMergeStrategy'> {
  return {
    mixin: mixin ?? (() => ({})),
    mixinMergeStrategy(line, mixed) {
      return withRunFields(own ? own(line, mixed) : { ...mixed, ...line }, runFields());
    },
  };
}

function hooksOf({ hooks }: Options): Options['hooks'] {
  const own = hooks?.logMethod;
  const logMethod: LogMethod = function (args, method, level) {
    if (isRepetition()) return;
    if (own) own.call(this, args, method, level);
    else method.apply(this, args);
  };
  return { ...hooks, logMethod };
}
