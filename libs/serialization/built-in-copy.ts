import { types } from 'node:util';

type ViewConstructor = new (buffer: ArrayBufferLike) => ArrayBufferView;

const TEMPORAL = 'Temporal.';

// Names the kind of a typed array whatever its class or realm, and gives undefined for a DataView.
const kindOfView = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get;

/**
 * A copy of a built-in object that devalue writes by itself, or undefined for any other object.
 *
 * The copy has the built-in's own prototype, so nothing that a subclass overrides or that
 * `Symbol.toStringTag` pretends reaches the stored text.
 */
export function copyBuiltIn(value: object): object | undefined {
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
  if (value instanceof URL) return new URL(value.href);
  if (value instanceof URLSearchParams) return new URLSearchParams(value.toString());
  if (types.isArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return copyView(value);
  return isTemporal(value) ? value : undefined;
}

// devalue writes all of a view's buffer. A view of a part is cut out first: the rest may be large, or someone
// else's data in a pooled buffer. Views of a whole buffer keep sharing it.
function copyView(view: ArrayBufferView): ArrayBufferView {
  const Constructor = viewConstructorOf(view);
  const isWhole = view.byteLength === view.buffer.byteLength && types.isArrayBuffer(view.buffer);
  if (isWhole) return new Constructor(view.buffer);
  return new Constructor(new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer);
}

function viewConstructorOf(view: ArrayBufferView): ViewConstructor {
  const kind: unknown = kindOfView?.call(view) ?? 'DataView';
  return Reflect.get(globalThis, kind as string) as ViewConstructor;
}

// Temporal objects exist on newer runtimes only, and on those devalue writes them.
function isTemporal(value: object): boolean {
  const kind: unknown = Reflect.get(value, Symbol.toStringTag);
  if (typeof kind !== 'string' || !kind.startsWith(TEMPORAL)) return false;
  const namespace: unknown = Reflect.get(globalThis, 'Temporal');
  const type: unknown = namespace && Reflect.get(namespace, kind.slice(TEMPORAL.length));
  return typeof type === 'function' && value instanceof type;
}
