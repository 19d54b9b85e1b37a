// Keys are shared by every copy of the package in a process, so that two copies see each other's decorators.
const WORKFLOW = Symbol.for('nestjs-pyworkflow:workflow');
const STEP = Symbol.for('nestjs-pyworkflow:step');
const MARKED = Symbol.for('nestjs-pyworkflow:marked-methods');

export type MarkKind = 'workflow' | 'step';

/** A class, whether or not it can be constructed. */
export type AnyClass = abstract new (...args: never[]) => object;

const KEYS: Readonly<Record<MarkKind, symbol>> = { workflow: WORKFLOW, step: STEP };

export function markClass(type: object, options: object): void {
  Reflect.defineMetadata(WORKFLOW, options, type);
}

/** @param target the prototype, or the class itself for a static method */
export function markMethod(kind: MarkKind, target: object, method: string | symbol, options: object): void {
  Reflect.defineMetadata(KEYS[kind], options, target, method);
  const marked = (Reflect.getOwnMetadata(MARKED, target) ?? []) as readonly (string | symbol)[];
  Reflect.defineMetadata(MARKED, [...new Set([...marked, method])], target);
}

/** What a workflow class was decorated with, unchecked; a subclass does not inherit it. Undefined if it was not. */
export function classMark(type: object): unknown {
  return Reflect.getOwnMetadata(WORKFLOW, type);
}

/** Whether a class that this one extends is decorated. */
export function inheritsClassMark(type: object): boolean {
  return classMark(type) === undefined && Reflect.getMetadata(WORKFLOW, type) !== undefined;
}

/** What a method was decorated with, unchecked; a method that overrides it has it too. Undefined if it was not. */
export function methodMark(kind: MarkKind, prototype: object, method: string | symbol): unknown {
  return Reflect.getMetadata(KEYS[kind], prototype, method);
}

/** Whether a method is decorated, with whatever. */
export function hasMethodMark(kind: MarkKind, prototype: object, method: string | symbol): boolean {
  return methodMark(kind, prototype, method) !== undefined;
}

/** The decorated methods of a prototype and of those it inherits from. */
export function markedMethods(prototype: object): readonly (string | symbol)[] {
  const methods = new Set<string | symbol>();
  for (
    let link: object | null = prototype;
    link && link !== Object.prototype;
    link = Object.getPrototypeOf(link) as object | null
  ) {
    for (const method of ownMarkedMethods(link)) if (method !== undefined) methods.add(method);
  }
  return [...methods];
}

/** Undefined among those of a class: it is decorated itself, as only a method can be. */
export function ownMarkedMethods(target: object): readonly (string | symbol | undefined)[] {
  return (Reflect.getOwnMetadata(MARKED, target) ?? []) as readonly (string | symbol | undefined)[];
}
