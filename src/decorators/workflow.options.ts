import type { Duration } from '../../libs/core/index.js';
import type { ArgumentType, DtoClass } from '../validation/dto.js';

/** What `@Workflow` takes. */
export interface WorkflowOptions {
  /**
   * What runs are stored under. Give one that outlives renames of the class.
   * @default the name of the class, or `Class.method` for a method
   */
  readonly name?: string;
  /** Raise it when the code changes in a way that the runs under way must not see. @default 1 */
  readonly version?: number;
  /** A run that takes longer is timed out: what it awaits rejects with WorkflowTimeoutError. @default no limit */
  readonly maxDuration?: Duration;
  /** What every run is tagged with, up to 10. @default none */
  readonly tags?: readonly string[];
  /** Whether a run goes on when the process that was executing it has died; otherwise it fails. @default true */
  readonly recoverOnWorkerLoss?: boolean;
  /** How often the process may die in the middle of a run that does not get on, before the run is paused. @default that of the module */
  readonly maxRecoveryAttempts?: number;
  /** One sentence for people, shown by tools. @default none */
  readonly description?: string;
  /**
   * The class-validator class of the argument, or a list with one class (or undefined) per argument: what `start` is
   * given is validated, and the workflow gets instances. @default what TypeScript says of a decorated method's parameters
   */
  readonly input?: DtoClass | readonly ArgumentType[];
  /** The class-validator class of what `setStepContext()` is given, which is validated then. @default anything that can be stored */
  readonly stepContext?: DtoClass;
}
