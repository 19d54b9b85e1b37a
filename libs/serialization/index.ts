export { type SerializableClass, type SerializableOptions, type SerializableType } from './class-registry.js';
export { type CodecOptions, createCodec, type ValueCodec } from './codec.js';
export { type DecimalClass, registerDecimal } from './decimal.js';
export { DeserializationError, isStackOverflow, SerializationError } from './errors.js';
export { DEFAULT_MAX_BYTES } from './limits.js';
export { registerSerializable, Serializable } from './serializable.decorator.js';
