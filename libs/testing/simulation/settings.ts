import type { WorkflowStore } from '../../core/index.js';
import type { EngineOptions } from '../../runtime/index.js';
import type { Climate, Fault } from './weather.js';

/** How to run one simulation. */
export interface SimulationSettings {
  /** Faults that do not happen. */
  readonly without?: readonly Fault[];
  readonly climate?: Partial<Climate>;
  readonly options?: Partial<EngineOptions>;
  /** Wraps the store, to see what happens when a guard of it is gone. */
  readonly guard?: (store: WorkflowStore) => WorkflowStore;
}
