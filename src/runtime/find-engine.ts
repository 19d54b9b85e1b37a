import type { ModuleRef } from '@nestjs/core';
import { WorkflowEngine } from '../../libs/runtime/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';

/** The engine of the application, wherever its module is imported. @throws PyWorkflowConfigError if it is not */
export function findEngine(moduleRef: ModuleRef, asker: string): WorkflowEngine {
  try {
    return moduleRef.get(WorkflowEngine, { strict: false });
  } catch {
    throw new PyWorkflowConfigError([
      `${asker} finds no workflows to look at: import PyWorkflowModule.forRoot() in the application as well.`,
    ]);
  }
}
