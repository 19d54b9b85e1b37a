import * as core from '../core/index.js';
import { DeserializationError, SerializationError } from './errors.js';

/** A class, also an abstract one or one with a private constructor. */
export interface SerializableClass<T extends object = object> {
  readonly name: string;
  readonly prototype: T;
}

/** How the instances of one class are stored. */
export interface SerializableOptions<T extends object = object> {
  /**
   * The name that is stored with every instance. Give one that outlives renames and minifiers.
   * @default the name of the class
   */
  readonly name?: string;
  /** What to store of an instance; anything the codec can store. @default its own enumerable fields */
  serialize?(value: T): unknown;
  /** Makes the instance again from what `serialize` gave. Required with `serialize`, and only then. */
  deserialize?(data: unknown): T;
}

/** A class and how its instances are stored. */
export interface SerializableType<T extends object = object> extends SerializableOptions<T> {
  readonly type: SerializableClass<T>;
}

/** A registered class: its name is settled. */
export interface RegisteredType extends SerializableType {
  readonly name: string;
}

/** Built-in errors, which the codec makes itself. */
export const BUILT_IN_ERRORS: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map((type) => [
    type.name,
    type as ErrorConstructor,
  ]),
);

type Constructor = abstract new (...args: never[]) => object;

const TypedArray = Object.getPrototypeOf(Uint8Array) as Constructor;

// Fields alone do not make these again: their contents live where no field shows them.
const OPAQUE_BASES: readonly Constructor[] = [Array, Map, Set, Date, RegExp, Promise, ArrayBuffer, TypedArray, URL];

/** Classes by stored name and by prototype. What it does not hold, its parent is asked for. */
export class ClassRegistry {
  private readonly byName = new Map<string, RegisteredType>();
  private readonly byPrototype = new Map<object, RegisteredType>();

  constructor(private readonly parent?: ClassRegistry) {}

  register(definition: SerializableType): void {
    const registered = { ...definition, name: definition.name ?? definition.type.name };
    const fault = this.faultOf(registered);
    if (fault) throw new SerializationError(registered.name || '(unnamed class)', fault);
    this.byName.set(registered.name, registered);
    this.byPrototype.set(registered.type.prototype, registered);
  }

  findByName(name: string): RegisteredType | undefined {
    return this.byName.get(name) ?? this.parent?.findByName(name);
  }

  findByPrototype(prototype: object): RegisteredType | undefined {
    return this.byPrototype.get(prototype) ?? this.parent?.findByPrototype(prototype);
  }

  /** The nearest registered class that a prototype is, or inherits from. */
  findAncestor(prototype: object | null): RegisteredType | undefined {
    for (let link = prototype; link !== null; link = Object.getPrototypeOf(link) as object | null) {
      const registered = this.findByPrototype(link);
      if (registered) return registered;
    }
    return undefined;
  }

  private faultOf({ name, type, serialize, deserialize }: RegisteredType): string | undefined {
    if (name === '') return 'a class without a name needs one to be stored under: @Serializable("Money")';
    if (BUILT_IN_ERRORS.has(name) || name === 'DOMException')
      return 'this name belongs to a built-in error; choose another';
    const taken = this.findByName(name);
    if (taken && taken.type !== type)
      return 'two classes are registered under this name; give one of them another: @Serializable("...")';
    if (!serialize !== !deserialize) return 'give both serialize and deserialize, or neither';
    const base = OPAQUE_BASES.find((opaque) => type.prototype instanceof opaque);
    if (base && !serialize) return `a class that extends ${base.name} needs serialize and deserialize to be stored`;
    return undefined;
  }
}

/** What `@Serializable` and `registerSerializable` fill: shared by every codec of the process. */
export const processRegistry = new ClassRegistry();

// Errors of this library are caught by class in workflow code, so they come back as themselves.
for (const exported of [...Object.values(core), SerializationError, DeserializationError] as unknown[]) {
  if (isErrorClass(exported)) processRegistry.register({ type: exported, name: `pyworkflow.${exported.name}` });
}

function isErrorClass(exported: unknown): exported is SerializableClass<Error> {
  return typeof exported === 'function' && exported.prototype instanceof core.WorkflowError;
}
