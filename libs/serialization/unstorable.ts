import { EventEmitter } from 'node:events';
import { types } from 'node:util';

/**
 * Why an instance of an unregistered class cannot be stored as its fields, or undefined if it can.
 *
 * Refused is what is more than its fields: stored, it would come back as something else than it was.
 */
export function whyUnstorable(value: object): string | undefined {
  const name = classNameOf(value);
  if (types.isBoxedPrimitive(value)) return 'a boxed primitive cannot be stored; store the primitive itself';
  if (types.isPromise(value) || hasMethod(value, 'then')) {
    return 'a promise cannot be stored; await it and store the result';
  }
  if (hasMethod(value, 'toJSON')) {
    return (
      `${name} has a toJSON method, so its fields are not what it wants stored; store its text or number, or register ` +
      `the class: registerSerializable({ type: ${name}, serialize: ..., deserialize: ... })`
    );
  }
  if (hasLiveState(value)) {
    return `an instance of ${name} holds live state and cannot be stored; store the data that is needed to make it again`;
  }
  return undefined;
}

/** The name of an object's class, for messages and for errors of unregistered classes. */
export function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name ? constructor.name : 'Object';
}

// Built-ins with contents that no field shows announce themselves by a toStringTag.
function hasLiveState(value: object): boolean {
  return (
    value instanceof EventEmitter || Symbol.toStringTag in value || types.isExternal(value) || types.isKeyObject(value)
  );
}

function hasMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function';
}
