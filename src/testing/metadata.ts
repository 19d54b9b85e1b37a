import type { ModuleMetadata } from '@nestjs/common';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { aDate, aList, anObject, faultsOf, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';
import type { PyWorkflowOptions } from '../options/pyworkflow.options.js';

/** What `WorkflowTestingModule.create` takes: a module of Nest, and how to test it. */
export interface WorkflowTestingMetadata extends ModuleMetadata {
  /** Options of the engine that the test is about. @default memory, changed arguments block a run, no log, http://localhost:3000 as publicUrl */
  readonly workflow?: PyWorkflowOptions;
  /** What time it is when the test begins. @default the real time */
  readonly startAt?: Date;
}

const WHAT = 'WorkflowTestingModule.create()';
const RULES: Rules = {
  imports: aList,
  controllers: aList,
  providers: aList,
  exports: aList,
  workflow: anObject,
  startAt: aDate,
} satisfies Record<keyof WorkflowTestingMetadata, unknown>;

/** @throws PyWorkflowConfigError that lists everything that is wrong */
export function assertMetadata(metadata: unknown): void {
  const faults = faultsOf(WHAT, metadata, RULES);
  if (faults.length > 0) throw new PyWorkflowConfigError(faults);
  const { imports = [] } = metadata as WorkflowTestingMetadata;
  const missing = imports.findIndex((entry) => entry === undefined || entry === null);
  if (missing < 0) return;
  throw new PyWorkflowConfigError([
    `${WHAT}: imports[${missing}] is ${show(imports[missing])}: two files import each other, or a name is misspelt.`,
  ]);
}
