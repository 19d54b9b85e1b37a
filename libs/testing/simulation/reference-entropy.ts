import { createHmac } from 'node:crypto';
import type { Entropy } from '../../core/index.js';

/** The random values that the engine promises for a run's seed. */
export function referenceEntropy(seed: string): Entropy {
  let draws = 0;
  let checkpoint = '';
  const derive = (what: string): Buffer => createHmac('sha256', seed).update(what).digest();
  return {
    random: () => Number(derive(`random ${checkpoint}${++draws}`).readBigUInt64BE() >> 11n) / 2 ** 53,
    randomUUID: () => {
      const bytes = derive(`uuid ${checkpoint}${++draws}`);
      bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
      bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
      return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    reseed: (id) => {
      checkpoint = `${id} `;
      draws = 0;
    },
    token: (hookId) => derive(`token ${hookId}`).toString('base64url'),
  };
}
