import type { DeploymentKind, Environment } from '../driver/deployment.js';
import type { Stage } from '../driver/stage.js';

/** A way to do harm. What must hold afterwards is the same for all. */
export interface Scenario {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  readonly on: readonly DeploymentKind[];
  readonly env?: Environment;
  /** How long a commit may take in it, since its database is away. @default 0 */
  readonly commitsTakeMs?: number;
  /** Begins with a load and no process, ends when it does no more harm. @returns what it has found, beside the usual */
  run(stage: Stage): Promise<readonly string[] | void>;
}
