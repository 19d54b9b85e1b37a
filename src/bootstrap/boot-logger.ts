import { ConsoleLogger } from '@nestjs/common';

/** Where Nest reports what makes an application fail, beside throwing it. */
const CONTEXT = 'ExceptionHandler';

/** Nest's own logger without that report: whoever runs the process says why it cannot, once. */
export class BootLogger extends ConsoleLogger {
  constructor() {
    super({ timestamp: true });
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== CONTEXT) super.error(message, ...rest);
  }
}
