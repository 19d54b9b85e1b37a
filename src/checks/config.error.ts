import { WorkflowError } from '../../libs/core/index.js';

/** The application cannot start: all that is wrong with its options, workflows and steps, in one error. */
export class PyWorkflowConfigError extends WorkflowError {
  readonly code = 'CONFIG';

  constructor(readonly faults: readonly string[]) {
    super(
      faults.length === 1
        ? `nestjs-pyworkflow cannot start: ${faults[0]}`
        : `nestjs-pyworkflow cannot start, for ${faults.length} reasons:\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    );
  }
}
