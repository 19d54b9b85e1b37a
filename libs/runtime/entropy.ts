import { createHmac } from 'node:crypto';
import type { Entropy } from '../core/index.js';
import { randomText } from './random-bytes.js';

/** A fresh secret for a run. */
export function newSeed(): string {
  return randomText(24, 'base64url');
}

/** Random values that a run's seed determines, and that cannot be guessed without it. */
export function seededEntropy(seed: string): Entropy {
  let draws = 0;
  let from = '';
  const derive = (what: string): Buffer => createHmac('sha256', seed).update(what).digest();
  return {
    random: () => Number(derive(`random ${from}${++draws}`).readBigUInt64BE() >> 11n) / 2 ** 53,
    randomUUID: () => uuidOf(derive(`uuid ${from}${++draws}`)),
    reseed: (text) => {
      from = `${text} `;
      draws = 0;
    },
    token: (hookId) => derive(`token ${hookId}`).toString('base64url'),
  };
}

function uuidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
