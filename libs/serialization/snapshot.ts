import { types } from 'node:util';
import { copyBuiltIn } from './built-in-copy.js';
import type { ClassRegistry, RegisteredType } from './class-registry.js';
import { errorFieldNames, errorText, isError } from './error-parts.js';
import { isStackOverflow, messageOf, SerializationError } from './errors.js';
import { MAX_DEPTH, MAX_SPARSE_LENGTH, TOO_DEEP } from './limits.js';
import { formatPath, mapKeySegment, mapValueSegment, type PathSegment, setMemberSegment } from './path.js';
import { Tagged } from './tagged.js';
import { classNameOf, whyUnstorable } from './unstorable.js';

/** A copy of a value that holds nothing but what can be written. */
export interface Snapshot {
  readonly value: unknown;
  /** True if JSON alone gives the copy back. */
  readonly isPlain: boolean;
}

export interface SnapshotOptions {
  /** Sorts the keys of objects, and leaves out those that are undefined. @default false */
  readonly isCanonical?: boolean;
}

/**
 * Copies a value into plain containers, built-ins and tags.
 *
 * Every property is read once, the value is never changed, and identity is kept: what the value
 * holds twice, the copy holds twice.
 *
 * @throws SerializationError naming the path of the first part that cannot be stored.
 */
export function takeSnapshot(
  value: unknown,
  registry: ClassRegistry,
  label: string,
  options: SnapshotOptions = {},
): Snapshot {
  const copier = new Copier(registry, label, options);
  try {
    return { value: copier.copy(value), isPlain: copier.isPlain };
  } catch (thrown) {
    if (thrown instanceof SerializationError) throw thrown;
    // A getter, a proxy or a `serialize` of the user's threw. The path still stands where it did.
    throw copier.refusal(isStackOverflow(thrown) ? TOO_DEEP : `reading it failed: ${messageOf(thrown)}`, thrown);
  }
}

// Marks an object while its `serialize` data is copied. Its `deserialize` wants
// complete data, so an object that is met within its own data has no way back.
const BEING_SERIALIZED = Symbol('being serialized');

// How many parts of errors are tried in vain before other objects are left out untried. Errors within
// errors make tries within tries, which without an end would double at every level.
const MAX_FAILURES = 1000;

class Copier {
  isPlain = true;
  private readonly copies = new Map<object, unknown>();
  private readonly copied: object[] = []; // the keys of `copies`, in order
  private readonly path: PathSegment[] = [];
  private depth = 0;
  private failuresLeft = MAX_FAILURES;

  constructor(
    private readonly registry: ClassRegistry,
    private readonly label: string,
    private readonly options: SnapshotOptions,
  ) {}

  refusal(reason: string, cause?: unknown): SerializationError {
    return new SerializationError(
      formatPath(this.label, this.path),
      reason,
      cause === undefined ? undefined : { cause },
    );
  }

  copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value) || Object.is(value, -0)) this.isPlain = false;
        return value;
      case 'undefined':
      case 'bigint':
        this.isPlain = false;
        return value;
      case 'object':
        return value === null ? null : this.copyObject(value);
      default:
        throw this.refusal(`a ${typeof value} cannot be stored`);
    }
  }

  private copyObject(value: object): unknown {
    const known = this.copies.get(value);
    if (known === BEING_SERIALIZED) {
      throw this.refusal('an object whose class has serialize cannot be part of its own data');
    }
    if (known !== undefined) {
      this.isPlain = false; // shared or cyclic: JSON would make two of one
      return known;
    }
    if (this.depth >= MAX_DEPTH) throw this.refusal(TOO_DEEP);
    if (Array.isArray(value)) return this.copyArray(value);
    const prototype = Object.getPrototypeOf(value) as object | null;
    return prototype === null || prototype === Object.prototype
      ? this.copyRecord(value, prototype)
      : this.copyInstance(value, prototype);
  }

  private copyRecord(value: object, prototype: object | null): unknown {
    if (prototype === null) this.isPlain = false;
    const copy = (prototype === null ? Object.create(null) : {}) as Record<string, unknown>;
    this.remember(value, copy);
    this.copyFields(value, copy);
    return copy;
  }

  private copyInstance(value: object, prototype: object): unknown {
    const registered = this.registry.findByPrototype(prototype);
    if (registered && (registered.serialize || !isError(value))) return this.copyRegistered(value, registered);
    if (isError(value)) return this.copyError(value);
    if (Buffer.isBuffer(value)) return this.copyBuffer(value);
    if (types.isMap(value)) return this.copyMap(value);
    if (types.isSet(value)) return this.copySet(value);
    const builtIn = copyBuiltIn(value);
    if (builtIn) {
      this.isPlain = false;
      this.remember(value, builtIn);
      return builtIn;
    }
    // A plain object of another realm, whose Object.prototype is not ours.
    if (Object.getPrototypeOf(prototype) === null) return this.copyRecord(value, prototype);
    return this.copyUnregistered(value, prototype);
  }

  /** A DTO: stored as its fields, and without those left undefined, so that it reads as JSON. */
  private copyUnregistered(value: object, prototype: object): unknown {
    const ancestor = this.registry.findAncestor(prototype);
    if (ancestor) {
      throw this.refusal(
        `${classNameOf(value)} extends the registered class ${ancestor.name} but is not registered; add @Serializable() to it`,
      );
    }
    const reason = whyUnstorable(value);
    if (reason) throw this.refusal(reason);
    const copy = {};
    this.remember(value, copy);
    this.copyFields(value, copy, { skipUndefined: true });
    return copy;
  }

  private copyArray(value: readonly unknown[]): unknown {
    const copy: unknown[] = [];
    this.remember(value, copy);
    for (let index = 0; index < value.length; index++) {
      if (index in value) {
        copy[index] = this.copyAt(index, value[index]);
        continue;
      }
      this.isPlain = false;
      if (value.length > MAX_SPARSE_LENGTH) {
        throw this.refusal(`an array with holes may be at most ${MAX_SPARSE_LENGTH} long`);
      }
      copy.length = index + 1;
    }
    return copy;
  }

  private copyMap(value: ReadonlyMap<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>();
    this.isPlain = false;
    this.remember(value, copy);
    let index = 0;
    Map.prototype.forEach.call(value, (member: unknown, key: unknown) => {
      const keyCopy = this.copyAt(mapKeySegment(index++), key);
      copy.set(keyCopy, this.copyAt(mapValueSegment(key), member));
    });
    return copy;
  }

  private copySet(value: ReadonlySet<unknown>): unknown {
    const copy = new Set<unknown>();
    this.isPlain = false;
    this.remember(value, copy);
    let index = 0;
    Set.prototype.forEach.call(value, (member: unknown) => copy.add(this.copyAt(setMemberSegment(index++), member)));
    return copy;
  }

  private copyBuffer(value: Buffer): unknown {
    const tagged = this.tag(value, 'Buffer');
    tagged.payload['base64'] = value.toString('base64');
    return tagged;
  }

  private copyRegistered(value: object, registered: RegisteredType): unknown {
    const tagged = this.tag(value, 'Class');
    tagged.payload['type'] = registered.name;
    this.depth += 2;
    if (registered.serialize) {
      this.copies.set(value, BEING_SERIALIZED);
      tagged.payload['data'] = this.copy(registered.serialize(value));
      this.copies.set(value, tagged);
    } else {
      tagged.payload['data'] = {};
      this.copyFields(value, tagged.payload['data'] as Record<string, unknown>);
    }
    this.depth -= 2;
    return tagged;
  }

  /**
   * An error is worth storing even if a socket hangs on it: of its cause and fields,
   * those that cannot be stored are left out.
   */
  private copyError(error: Error): unknown {
    const tagged = this.tag(error, 'Error');
    const { payload } = tagged;
    Object.assign(payload, errorText(error, this.registry));
    const { named, own } = errorFieldNames(error);
    this.depth += 1;
    for (const name of named) this.copyIfPossible(error, name, payload);
    this.depth += 1;
    const fields = {};
    for (const name of this.options.isCanonical ? [...own].sort() : own) this.copyIfPossible(error, name, fields);
    payload['fields'] = fields;
    this.depth -= 2;
    return tagged;
  }

  private tag(value: object, tag: Tagged['tag']): Tagged {
    const tagged = new Tagged(tag);
    this.isPlain = false;
    this.remember(value, tagged);
    return tagged;
  }

  private remember(value: object, copy: unknown): void {
    this.copies.set(value, copy);
    this.copied.push(value);
  }

  private copyFields(from: object, to: Record<string, unknown>, options?: { readonly skipUndefined: boolean }): void {
    const { isCanonical = false } = this.options;
    const keys = isCanonical ? Object.keys(from).sort() : Object.keys(from);
    for (const key of keys) this.copyField(from, key, to, isCanonical || options?.skipUndefined);
  }

  private copyField(from: object, key: string, to: Record<string, unknown>, skipUndefined?: boolean): void {
    this.path.push(key);
    this.depth += 1;
    if (key === '__proto__') throw this.refusal('a key named __proto__ cannot be stored; give the field another name');
    const field = (from as Record<string, unknown>)[key];
    if (field !== undefined || !skipUndefined) to[key] = this.copy(field);
    this.depth -= 1;
    this.path.pop();
  }

  private copyIfPossible(from: object, key: string, to: Record<string, unknown>): void {
    const { depth } = this;
    const pathLength = this.path.length;
    const copyCount = this.copied.length;
    try {
      if (this.failuresLeft <= 0 && typeof Reflect.get(from, key) === 'object') return;
      this.copyField(from, key, to);
    } catch {
      this.failuresLeft -= 1;
      this.depth = depth;
      this.path.length = pathLength;
      // Half-made copies must not turn up where the same objects are met again.
      for (const value of this.copied.splice(copyCount)) this.copies.delete(value);
    }
  }

  private copyAt(segment: PathSegment, value: unknown): unknown {
    this.path.push(segment);
    this.depth += 1;
    const copy = this.copy(value);
    this.depth -= 1;
    this.path.pop();
    return copy;
  }
}
