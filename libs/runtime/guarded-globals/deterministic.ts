import crypto from 'node:crypto';
import { findGuardedCode } from '../context.js';
import { guardedDate } from './guarded-date.js';
import { likeness, type Patch } from './patch.js';

/** The time of the run whose code is calling. */
function timeOfRun(): number | undefined {
  const code = findGuardedCode();
  return code?.guard.options.date ? code.execution.now : undefined;
}

type NumberSource = (this: unknown) => number;

/** The Date constructor takes over what `Date.now` is, so that one comes first. */
export function datePatches(): readonly Patch[] {
  const { Date: Native, performance } = globalThis;
  return [
    {
      target: Native,
      name: 'now',
      replace: (original: NumberSource) => likeness(() => timeOfRun() ?? original.call(Native), original),
    },
    {
      target: globalThis,
      name: 'Date',
      replace: (original: DateConstructor) => guardedDate(original, timeOfRun),
    },
    { target: Native.prototype, name: 'constructor', replace: () => globalThis.Date },
    {
      target: performance,
      name: 'now',
      replace: (original: NumberSource) => likeness(() => timeOfRun() ?? original.call(performance), original),
    },
  ];
}

export function randomPatches(): readonly Patch[] {
  return [
    {
      target: Math,
      name: 'random',
      replace: (original: NumberSource) => {
        const random = (): number => {
          const code = findGuardedCode();
          return code?.guard.options.random ? code.execution.random() : original.call(Math);
        };
        return likeness(random, original);
      },
    },
    { target: crypto, name: 'randomUUID', replace: uuidIn(crypto) },
    { target: crypto.webcrypto, name: 'randomUUID', replace: uuidIn(crypto.webcrypto) },
  ];
}

type UuidSource = (this: unknown, ...args: readonly unknown[]) => string;

function uuidIn(self: object): (original: UuidSource) => UuidSource {
  return (original) => {
    const randomUUID: UuidSource = (...args) => {
      const code = findGuardedCode();
      return code?.guard.options.random ? code.execution.randomUUID() : Reflect.apply(original, self, args);
    };
    return likeness(randomUUID, original);
  };
}
