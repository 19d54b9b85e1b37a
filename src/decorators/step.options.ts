import type { Duration, RetryOptions } from '../../libs/core/index.js';
import type { ArgumentType } from '../validation/dto.js';

/** What `@Step` takes: how a call is tried again, and where it runs. */
export interface StepOptions extends RetryOptions {
  /** What calls are stored under. Give one that outlives renames. @default `Class.method` */
  readonly name?: string;
  /** How long one attempt may take; its AbortSignal fires then. @default no limit */
  readonly timeout?: Duration;
  /** The named step queue that its calls go to. @default the default queue */
  readonly queue?: string;
  /** Runs in the process that holds the run, whatever the deployment. @default false */
  readonly local?: boolean;
  /** What the last failed attempt does: `fail` rejects the call, `pause` halts the run until a person resumes it. @default 'fail' */
  readonly onExhausted?: 'fail' | 'pause';
  /**
   * The class-validator classes of the arguments, one (or undefined) per argument.
   * @default what TypeScript says of the parameters
   */
  readonly args?: readonly ArgumentType[];
}
