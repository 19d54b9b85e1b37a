export { type SerializableClass, type SerializableOptions, type SerializableType } from './class-registry.js';
export { type CodecOptions, createCodec, type ValueCodec } from './codec.js';
export { DeserializationError, SerializationError } from './errors.js';
export { registerSerializable, Serializable } from './serializable.decorator.js';
