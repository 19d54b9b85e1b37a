import { createHmac } from 'node:crypto';
import type { Entropy } from '../core/index.js';
import { randomText } from './random-bytes.js';

/** A fresh secret for a run. */
export function newSeed(): string {
  return randomText(24, 'base64url');
}

/** Random values that a run's seed determines, and that cannot be guessed without it. */
export class SeededEntropy implements Entropy {
  private draws = 0;
  private from = '';

  constructor(private readonly seed: string) {}

  random(): number {
    return Number(this.draw('random').readBigUInt64BE() >> 11n) / 2 ** 53;
  }

  randomUUID(): string {
    return uuidOf(this.draw('uuid'));
  }

  reseed(from: string): void {
    this.from = `${from} `;
    this.draws = 0;
  }

  token(hookId: string): string {
    return this.derive(`token ${hookId}`).toString('base64url');
  }

  private draw(kind: string): Buffer {
    return this.derive(`${kind} ${this.from}${++this.draws}`);
  }

  private derive(what: string): Buffer {
    return createHmac('sha256', this.seed).update(what).digest();
  }
}

function uuidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
