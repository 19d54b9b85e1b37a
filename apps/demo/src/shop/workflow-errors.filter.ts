import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus } from '@nestjs/common';
import {
  HookExpiredError,
  HookNotFoundError,
  HookUsedError,
  IdempotencyConflictError,
  InvalidInputError,
  RunEndedError,
  RunNotFoundError,
  ValidationFailedError,
  WorkflowError,
} from 'nestjs-pyworkflow';

const STATUSES: readonly (readonly [abstract new (...args: never[]) => WorkflowError, HttpStatus])[] = [
  [ValidationFailedError, HttpStatus.BAD_REQUEST],
  [InvalidInputError, HttpStatus.BAD_REQUEST],
  [RunNotFoundError, HttpStatus.NOT_FOUND],
  [HookNotFoundError, HttpStatus.NOT_FOUND],
  [HookUsedError, HttpStatus.CONFLICT],
  [IdempotencyConflictError, HttpStatus.CONFLICT],
  [RunEndedError, HttpStatus.CONFLICT],
  [HookExpiredError, HttpStatus.GONE],
];

/** What the engine throws, as HTTP says it. */
@Catch(WorkflowError)
export class WorkflowErrorsFilter implements ExceptionFilter<WorkflowError> {
  catch(error: WorkflowError, host: ArgumentsHost): void {
    const [, status = HttpStatus.INTERNAL_SERVER_ERROR] = STATUSES.find(([type]) => error instanceof type) ?? [];
    const response = host.switchToHttp().getResponse<{ status(code: number): { json(body: object): void } }>();
    response.status(status).json({ code: error.code, message: error.message });
  }
}
