export { type SerializableClass, type SerializableOptions, type SerializableType } from './class-registry.js';
export { createCodec, type ValueCodec } from './codec.js';
export { type DecimalClass, registerDecimal } from './decimal.js';
export { DeserializationError, isStackOverflow, SerializationError } from './errors.js';
export { registerSerializable, Serializable } from './serializable.decorator.js';
