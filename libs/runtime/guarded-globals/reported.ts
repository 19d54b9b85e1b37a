import childProcess from 'node:child_process';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import tls from 'node:tls';
import { findGuardedCode } from '../context.js';
import { type Callable, likeness, type Patch } from './patch.js';

const SLEEP = 'use sleep(), which holds nothing and survives the process';
const STEP = 'move it into a step, or into sideEffect() if it is small';

/** What is called, and what to do instead. */
const REPORTED: readonly (readonly [object, readonly string[], string])[] = [
  [globalThis, ['setTimeout', 'setInterval'], SLEEP],
  [globalThis, ['setImmediate', 'fetch'], STEP],
  [timers, ['setTimeout', 'setInterval'], SLEEP],
  [timers, ['setImmediate'], STEP],
  [timersPromises, ['setTimeout', 'setInterval'], SLEEP],
  [timersPromises, ['setImmediate'], STEP],
  [http, ['request', 'get'], STEP],
  [https, ['request', 'get'], STEP],
  [net, ['connect', 'createConnection'], STEP],
  [tls, ['connect'], STEP],
  [http2, ['connect'], STEP],
  [dns, ['lookup', 'resolve'], STEP],
  [dns.promises, ['lookup', 'resolve'], STEP],
  [childProcess, ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'], STEP],
];

/** Calls that a replay does again: they work, and are reported. */
export function reportedPatches(): readonly Patch[] {
  // What had two names was one function, and stays one.
  const replaced = new Map<Callable, Callable>();
  return REPORTED.flatMap(([target, names, instead]) =>
    names.map((name) => ({
      target,
      name,
      replace: (original: Callable) => {
        const replacement = replaced.get(original) ?? reporting(original, `${name}()`, instead);
        replaced.set(original, replacement);
        return replacement;
      },
    })),
  );
}

/** Within a call that is reported, Node calls others that are: in some versions, request() calls connect(). */
let isWithin = false;

/** The function, which tells workflow code that it had better not. Everybody else calls it as well, and often. */
function reporting(original: Callable, name: string, instead: string): Callable {
  const replacement: Callable = function (this: unknown, ...args) {
    const code = isWithin ? undefined : findGuardedCode();
    if (!code?.guard.options.io) return Reflect.apply(original, this, args);
    code.guard.report(name, instead);
    isWithin = true;
    try {
      return Reflect.apply(original, this, args);
    } finally {
      isWithin = false;
    }
  };
  return likeness(replacement, original);
}
