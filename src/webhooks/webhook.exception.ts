import { HttpException, HttpStatus } from '@nestjs/common';
import { HookExpiredError, InvalidInputError } from '../../libs/core/index.js';
import { HookNotFoundError, HookUsedError } from '../../libs/runtime/index.js';
import { SerializationError } from '../../libs/serialization/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { ValidationFailedError } from '../validation/validation-failed.error.js';

/** Why a delivery over HTTP was refused: a status, and a body of `{ code, message }` for the sender. */
class WebhookException extends HttpException {
  constructor(
    status: HttpStatus,
    readonly code: string,
    message: string,
    options?: { readonly cause: unknown },
  ) {
    super({ code, message }, status, options);
  }
}

export const refusals = {
  notFound: () => new WebhookException(HttpStatus.NOT_FOUND, 'HOOK_NOT_FOUND', 'There is no such hook.'),
  badSignature: () =>
    new WebhookException(HttpStatus.UNAUTHORIZED, 'BAD_SIGNATURE', 'The signature is missing, wrong or too old.'),
  badBody: (why: string) => new WebhookException(HttpStatus.BAD_REQUEST, 'INVALID_BODY', why),
  badDeliveryId: () =>
    new WebhookException(
      HttpStatus.BAD_REQUEST,
      'INVALID_DELIVERY_ID',
      'The id of a delivery is a text of 1 to 200 printable characters.',
    ),
  tooLarge: (limit: number) =>
    new WebhookException(HttpStatus.PAYLOAD_TOO_LARGE, 'BODY_TOO_LARGE', `The body may have ${limit} bytes at most.`),
  unsupported: (why: string) => new WebhookException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, 'UNSUPPORTED_BODY', why),
  /** A fault of ours: what it was is for the log alone. */
  failed: (cause: unknown) =>
    new WebhookException(HttpStatus.INTERNAL_SERVER_ERROR, 'WEBHOOK_FAILED', 'The delivery could not be handled.', {
      cause,
    }),
  unavailable: (cause?: unknown) =>
    new WebhookException(
      HttpStatus.SERVICE_UNAVAILABLE,
      'UNAVAILABLE',
      'Nothing can be delivered just now. Send it again later.',
      { cause },
    ),
};

/** What the sender is told of an error of the delivery. */
export function refusalOf(error: unknown): HttpException {
  if (error instanceof HttpException) return error;
  if (error instanceof HookNotFoundError) return refusals.notFound();
  if (error instanceof HookExpiredError)
    return new WebhookException(HttpStatus.GONE, error.code, 'The hook has expired.');
  if (error instanceof HookUsedError) {
    return error.reason === 'used'
      ? new WebhookException(HttpStatus.CONFLICT, error.code, 'The hook has had its payload already.')
      : new WebhookException(HttpStatus.GONE, 'HOOK_CLOSED', 'The hook is closed.');
  }
  if (error instanceof ValidationFailedError)
    return new WebhookException(HttpStatus.BAD_REQUEST, error.code, error.message);
  if (error instanceof SerializationError) return refusals.badBody(error.message);
  if (error instanceof PyWorkflowConfigError || error instanceof InvalidInputError) return refusals.failed(error);
  // A process that has stopped, and whatever the store says.
  return refusals.unavailable(error);
}
