import { BUILT_IN_ERRORS, type ClassRegistry, type RegisteredType } from './class-registry.js';
import type { Tag } from './tagged.js';

type Payload = Readonly<Record<string, unknown>>;
type Revive = (payload: Payload) => object;

/**
 * The makers of tagged objects for one reading, by tag.
 *
 * A payload may come twice: from within itself by a cycle, when it is not complete yet, and at last complete.
 * So the object is made empty at the first sight and filled when its payload is complete; both get the same one.
 */
export function createRevivers(registry: ClassRegistry): Record<Tag, (payload: unknown) => object> {
  const made = new Map<unknown, object>();
  const once = (payload: Payload, make: () => object): object => {
    const known = made.get(payload);
    if (known) return known;
    const object = make();
    made.set(payload, object);
    return object;
  };
  const filled = new Set<unknown>();
  const fillOnce = (payload: Payload, lastKey: string, fill: () => void): void => {
    if (filled.has(payload) || !Object.hasOwn(payload, lastKey)) return;
    filled.add(payload);
    fill();
  };

  const reviveBuffer: Revive = (payload) => once(payload, () => Buffer.from(textAt(payload, 'base64'), 'base64'));

  const reviveInstance: Revive = (payload) => {
    const registered = findType(registry, textAt(payload, 'type'));
    if (registered.deserialize) return once(payload, () => deserialize(registered, payload));
    const instance = once(payload, () => Object.create(registered.type.prototype) as object);
    fillOnce(payload, 'data', () => defineFields(instance, payload['data']));
    return instance;
  };

  const reviveError: Revive = (payload) => {
    const error = once(payload, () => createError(payload, registry));
    fillOnce(payload, 'fields', () => fillError(error, payload));
    return error;
  };

  return { Buffer: whenObject(reviveBuffer), Class: whenObject(reviveInstance), Error: whenObject(reviveError) };
}

function whenObject(revive: Revive): (payload: unknown) => object {
  return (payload) => {
    if (typeof payload !== 'object' || payload === null) throw new Error('a tag has no payload');
    return revive(payload as Payload);
  };
}

function findType(registry: ClassRegistry, name: string): RegisteredType {
  const registered = registry.findByName(name);
  if (registered) return registered;
  throw new Error(
    `no class is registered as ${JSON.stringify(name)} here; import the file that declares it with @Serializable`,
  );
}

function deserialize({ name, deserialize: revive }: RegisteredType, payload: Payload): object {
  if (!Object.hasOwn(payload, 'data')) throw new Error(`a ${name} is part of its own data`);
  const instance: unknown = revive?.(payload['data']);
  if (typeof instance === 'object' && instance !== null) return instance;
  throw new Error(`deserialize of ${name} gave no object`);
}

// Reflect.construct makes a real error, with the prototype of the class and without running its constructor.
function createError(payload: Payload, registry: ClassRegistry): object {
  const type = textAt(payload, 'type');
  if (type === 'DOMException') return new DOMException(textAt(payload, 'message'), textAt(payload, 'name'));
  const target = BUILT_IN_ERRORS.get(type) ?? findType(registry, type).type;
  return Reflect.construct(Error, [], target as ErrorConstructor) as object;
}

function fillError(error: object, payload: Payload): void {
  const name = textAt(payload, 'name');
  const message = textAt(payload, 'message');
  if (!(error instanceof DOMException)) {
    if (Reflect.get(error, 'name') !== name) hide(error, 'name', name);
    hide(error, 'message', message);
  }
  hide(error, 'stack', textAt(payload, 'stack') || `${name}: ${message}`);
  for (const part of ['cause', 'errors']) {
    if (Object.hasOwn(payload, part)) hide(error, part, payload[part]);
  }
  defineFields(error, payload['fields']);
}

/** Gives an error a property as errors have them: not enumerable. */
function hide(error: object, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

// Defined, not assigned: assigning would run setters of the class.
function defineFields(target: object, fields: unknown): void {
  if (typeof fields !== 'object' || fields === null) throw new Error('a tag has no fields');
  for (const [key, value] of Object.entries(fields)) {
    Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: true });
  }
}

function textAt(payload: Payload, key: string): string {
  const value = Object.hasOwn(payload, key) ? payload[key] : undefined;
  if (typeof value !== 'string') throw new Error(`a tag has no ${key}`);
  return value;
}
