import type { Codec, Payload } from '../core/index.js';
import { ClassRegistry, processRegistry, type SerializableType } from './class-registry.js';
import { essentialErrorText, isError } from './error-parts.js';
import { DeserializationError, isStackOverflow, messageOf, SerializationError } from './errors.js';
import { DEFAULT_MAX_BYTES, TOO_DEEP } from './limits.js';
import { isPlainJson, parsePlainJson } from './plain-json.js';
import { isRichText, readRichText, UNDEFINED_TEXT, writeRichText } from './rich-text.js';
import { assertSize } from './size-guard.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import { Tagged } from './tagged.js';

const MAX_REASON_LENGTH = 200;

/** How values are stored. */
export interface CodecOptions {
  /** How large one stored text may be, in bytes of UTF-8. @default 1048576 (1 MiB) */
  readonly maxBytes?: number;
  /** Classes that only this codec knows, besides those registered for the process. @default none */
  readonly types?: readonly SerializableType[];
}

/** A codec whose errors begin with a name for the value. */
export interface ValueCodec extends Codec {
  /**
   * @param label what error paths begin with, such as `args`; `value` if absent
   * @throws SerializationError if the value cannot be stored, or is too large; never for a value that is an error itself
   */
  encode(value: unknown, label?: string): Payload;
}

/**
 * Makes a codec: values to stored text and back.
 *
 * Plain data is stored as JSON. What JSON would lose (dates, Maps, cycles, errors, registered classes ...) is
 * stored behind a prefix that no JSON begins with. Reading never executes anything and never sets a prototype
 * that is not a registered class's.
 *
 * @example
 * ```ts
 * const codec = createCodec();
 * codec.encode({ id: 1 });                     // '{"id":1}'
 * codec.decode(codec.encode(new Map([[1, 2n]]))); // Map { 1 => 2n }
 * ```
 * @publicApi
 */
export function createCodec(options: CodecOptions = {}): ValueCodec {
  const { maxBytes = DEFAULT_MAX_BYTES, types = [] } = options;
  const registry = types.length > 0 ? new ClassRegistry(processRegistry) : processRegistry;
  for (const type of types) registry.register(type);

  const decode = (payload: Payload): unknown => {
    if (typeof payload !== 'string') throw new DeserializationError('it is not text', payload);
    try {
      return isRichText(payload) ? readRichText(payload, registry) : parsePlainJson(payload);
    } catch (thrown) {
      throw asDeserializationError(thrown, payload);
    }
  };
  return {
    encode: (value, label = 'value') => {
      if (value === undefined) return UNDEFINED_TEXT;
      try {
        return encodePlain(value, label, maxBytes) ?? encodeRich(value, label, maxBytes, registry);
      } catch (thrown) {
        const isFailure = typeof value === 'object' && value !== null && isError(value);
        if (isFailure) return encodeEssentials(value, maxBytes, registry);
        throw asSerializationError(thrown, label);
      }
    },
    decode,
    canonical: (payload) => {
      try {
        return textOf(takeSnapshot(decode(payload), registry, 'value', { isCanonical: true }));
      } catch {
        return payload; // what a class of the user's does not take is compared as it is stored
      }
    },
  };
}

function encodePlain(value: unknown, label: string, maxBytes: number): Payload | undefined {
  if (!isPlain(value)) return undefined;
  const text = JSON.stringify(value);
  assertSize(text, maxBytes, value, label);
  return text;
}

function encodeRich(value: unknown, label: string, maxBytes: number, registry: ClassRegistry): Payload {
  const snapshot = takeSnapshot(value, registry, label);
  const text = textOf(snapshot);
  assertSize(text, maxBytes, snapshot.value, label);
  return text;
}

function textOf({ isPlain, value }: Snapshot): string {
  return isPlain ? JSON.stringify(value) : writeRichText(value);
}

function encodeEssentials(error: Error, maxBytes: number, registry: ClassRegistry): Payload {
  const tagged = new Tagged('Error');
  Object.assign(tagged.payload, essentialErrorText(error, registry, maxBytes), { fields: {} });
  return writeRichText(tagged);
}

// A getter or proxy that throws is reported by the slower way, which knows the path.
function isPlain(value: unknown): boolean {
  try {
    return isPlainJson(value);
  } catch {
    return false;
  }
}

function asSerializationError(thrown: unknown, label: string): SerializationError {
  if (thrown instanceof SerializationError) return thrown;
  const reason = isStackOverflow(thrown) ? TOO_DEEP : `writing it failed: ${messageOf(thrown)}`;
  return new SerializationError(label, reason, { cause: thrown });
}

function asDeserializationError(thrown: unknown, payload: unknown): DeserializationError {
  const reason = isStackOverflow(thrown) ? 'it is nested too deeply' : printable(messageOf(thrown));
  return new DeserializationError(reason, payload, { cause: thrown });
}

// Reasons quote the text, which may be anything.
function printable(reason: string): string {
  return reason.slice(0, MAX_REASON_LENGTH).replace(/\p{Cc}/gu, ' ');
}
