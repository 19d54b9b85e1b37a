import {
  processRegistry,
  type SerializableClass,
  type SerializableOptions,
  type SerializableType,
} from './class-registry.js';

/**
 * Marks a class whose instances come back from the store as instances.
 *
 * The own enumerable fields are stored. Reading one back makes an object of the class and gives it these fields;
 * the constructor does not run. Classes with private state give `serialize` and `deserialize` instead.
 *
 * @example
 * ```ts
 * @Serializable('Money')
 * class Money {
 *   constructor(readonly amount: number, readonly currency: string) {}
 * }
 *
 * @Serializable<Iban>({ name: 'Iban', serialize: (iban) => iban.toString(), deserialize: (text) => new Iban(text as string) })
 * class Iban { ... }
 * ```
 * @publicApi
 */
export function Serializable<T extends object = object>(
  nameOrOptions: string | SerializableOptions<T> = {},
): (type: SerializableClass<T>) => void {
  const options = typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions;
  return (type) => registerSerializable({ ...options, type });
}

/**
 * Registers a class that cannot be decorated, because a library declares it.
 *
 * @example
 * ```ts
 * registerSerializable<DateTime>({
 *   type: DateTime, name: 'DateTime',
 *   serialize: (value) => value.toISO(), deserialize: (text) => DateTime.fromISO(text as string, { setZone: true }),
 * });
 * ```
 * @publicApi
 */
export function registerSerializable<T extends object>(definition: SerializableType<T>): void {
  processRegistry.register(definition as SerializableType);
}
