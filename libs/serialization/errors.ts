import { WorkflowError } from '../core/index.js';

const EXCERPT_LENGTH = 60;

/** A value that cannot be stored. `path` names the part at fault, such as `args[0].customer.onClose`. */
export class SerializationError extends WorkflowError {
  readonly code = 'SERIALIZATION';

  constructor(
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
  }
}

/** A stored text that cannot be read back. `excerpt` is how the text begins. */
export class DeserializationError extends WorkflowError {
  readonly code = 'DESERIALIZATION';
  readonly excerpt: string;

  constructor(
    readonly reason: string,
    text: unknown,
    options?: ErrorOptions,
  ) {
    const excerpt = excerptOf(text);
    super(`The stored value ${excerpt} cannot be read: ${reason}`, options);
    this.excerpt = excerpt;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that has no text was thrown';
  }
}

/** True for V8's report that the call stack is full. */
export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes('call stack');
}

// JSON quoting keeps control characters of a hostile text out of the logs.
function excerptOf(text: unknown): string {
  if (typeof text !== 'string') return `(${text === null ? 'null' : typeof text})`;
  return JSON.stringify(text.slice(0, EXCERPT_LENGTH)) + (text.length > EXCERPT_LENGTH ? '...' : '');
}
