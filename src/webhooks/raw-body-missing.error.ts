import { WorkflowError } from '../../libs/core/index.js';

/** The bytes of a body were asked for, and the application has kept only what it has parsed. */
export class RawBodyMissingError extends WorkflowError {
  readonly code = 'RAW_BODY_MISSING';

  constructor(readonly hookId: string) {
    super(
      `The delivery to hook "${hookId}" cannot be verified, since the bytes of its body are gone. Create the application with NestFactory.create(AppModule, { rawBody: true }); ` +
        `on Fastify, what is neither JSON nor a form needs app.useBodyParser('text/plain') as well.`,
    );
  }
}
