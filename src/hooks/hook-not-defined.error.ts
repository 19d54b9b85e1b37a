import { WorkflowError } from '../../libs/core/index.js';

/** A hook has a definition that this process does not know, so nobody here can say what may be delivered to it. */
export class HookNotDefinedError extends WorkflowError {
  readonly code = 'HOOK_NOT_DEFINED';

  constructor(
    readonly runId: string,
    readonly hookId: string,
  ) {
    super(
      `Hook "${hookId}" of run "${runId}" has a definition that this process has not imported, so nothing was delivered and the hook stays open. ` +
        'Import the file with its defineHook() in every process that takes deliveries.',
    );
  }
}
