import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8_192;

const pool = Buffer.allocUnsafe(POOL_BYTES);
let taken = POOL_BYTES;

/** Random bytes as text, drawn from the system many at a time. They are handed out once. */
export function randomText(bytes: number, encoding: 'hex' | 'base64url'): string {
  if (taken + bytes > POOL_BYTES) {
    randomFillSync(pool);
    taken = 0;
  }
  const text = pool.toString(encoding, taken, taken + bytes);
  pool.fill(0, taken, (taken += bytes));
  return text;
}
