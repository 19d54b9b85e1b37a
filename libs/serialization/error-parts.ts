import { types } from 'node:util';
import { BUILT_IN_ERRORS, type ClassRegistry } from './class-registry.js';
import { MAX_STACK_LENGTH } from './limits.js';
import { classNameOf } from './unstorable.js';

const MAX_NAME_LENGTH = 100;

/** Fields of an error that are stored by name, and so are not among its own fields. */
const NAMED_PARTS = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** What is stored of an error besides its cause and fields. Always text, so it can always be stored. */
export interface ErrorText {
  /** The registered or built-in class that it comes back as. */
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** True for errors of any realm, and for DOMException, which is not a native error everywhere. */
export function isError(value: object): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error || value instanceof DOMException;
  } catch {
    return false; // a proxy whose prototype cannot be asked for
  }
}

export function errorText(error: Error, registry: ClassRegistry): ErrorText {
  const type = typeNameOf(error, registry);
  const name = textOf(error, 'name');
  return {
    type,
    // An error that does not name itself goes by its class: a PaymentError without
    // a name of its own would otherwise come back as any other Error.
    name: name === type ? classNameOf(error) : name,
    message: textOf(error, 'message'),
    stack: shortenStack(textOf(error, 'stack')),
  };
}

/**
 * As much of an error as always fits: its class, name and the beginning of its message. The last resort
 * for an error that is too large to store, since a failure must not be lost over its fields.
 */
export function essentialErrorText(error: Error, registry: ClassRegistry, maxBytes: number): ErrorText {
  const { type, name, message } = errorText(error, registry);
  // A character takes at most six bytes as JSON; the rest is room for the names.
  return { type, name: name.slice(0, MAX_NAME_LENGTH), message: message.slice(0, maxBytes / 8), stack: '' };
}

/** The names of the parts to store besides the text: `cause` and `errors` if it has them, then its own fields. */
export function errorFieldNames(error: Error): { readonly named: readonly string[]; readonly own: readonly string[] } {
  return {
    named: ['cause', 'errors'].filter((name) => Object.hasOwn(error, name)),
    own: Object.keys(error).filter((name) => !NAMED_PARTS.has(name)),
  };
}

function typeNameOf(error: Error, registry: ClassRegistry): string {
  if (error instanceof DOMException) return 'DOMException';
  for (
    let link: object | null = Object.getPrototypeOf(error) as object | null;
    link;
    link = Object.getPrototypeOf(link) as object | null
  ) {
    const registered = registry.findByPrototype(link);
    if (registered) return registered.name;
    if (Object.hasOwn(link, 'constructor') && BUILT_IN_ERRORS.has(link.constructor.name)) return link.constructor.name;
  }
  return 'Error';
}

// Reading a part of someone else's error may run a getter that throws; the error itself must survive that.
function textOf(error: Error, part: 'name' | 'message' | 'stack'): string {
  try {
    const value: unknown = error[part];
    return value === undefined ? '' : String(value);
  } catch {
    return '';
  }
}

function shortenStack(stack: string): string {
  if (stack.length <= MAX_STACK_LENGTH) return stack;
  const end = stack.lastIndexOf('\n', MAX_STACK_LENGTH);
  return stack.slice(0, end > 0 ? end : MAX_STACK_LENGTH);
}
