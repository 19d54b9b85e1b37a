import { Registry, type StepDefinition } from '../../libs/runtime/index.js';
import type { Activity } from './activity.js';

/** Knows when steps are running. */
export class StepWatch extends Registry {
  constructor(private readonly activity: Activity) {
    super();
  }

  override addStep(definition: StepDefinition): void {
    super.addStep({ ...definition, invoke: (args) => this.activity.during(() => definition.invoke(args)) });
  }
}
