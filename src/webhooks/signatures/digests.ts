import { type BinaryToTextEncoding, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from './secrets.js';

export interface Signing {
  readonly secrets: readonly Secret[];
  readonly algorithm: string;
  readonly encoding: BinaryToTextEncoding;
  /** What is signed, in parts. */
  readonly parts: readonly (string | Uint8Array)[];
}

/** Whether one of the signatures was made with one of the secrets. Takes as long whichever it is. */
export function isSignedBy({ secrets, algorithm, encoding, parts }: Signing, signatures: readonly string[]): boolean {
  let isSigned = false;
  for (const secret of secrets) {
    const hmac = createHmac(algorithm, secret);
    for (const part of parts) hmac.update(part);
    const expected = hmac.digest(encoding);
    for (const signature of signatures) {
      const given = encoding === 'hex' ? signature.toLowerCase() : signature;
      if (isSameText(given, expected)) isSigned = true;
    }
  }
  return isSigned;
}

/** The length of a digest is no secret. */
function isSameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
