import { add, type Job, type Kind, PAYLOADS, sizeOf } from './job.js';

/** What was handed to the hook of a job: true and false if the client knows whether it was taken, undefined if not. */
export type Accepted = boolean | undefined;

/** The results that a job may have, by plain computation. There are two where the world outside decides. */
export function expectedResults(kind: Kind, job: Job, accepted: Accepted): readonly unknown[] {
  const { n } = job;
  const size = sizeOf(job);
  switch (kind) {
    case 'sequence':
      return [range(size).reduce(add, n) + (n % 3)];
    case 'fan-out':
      return [range(size).reduce((sum, index) => sum + add(n, index), 0)];
    case 'approval':
      return decided(accepted, ['approved', n], ['expired', n]);
    case 'race':
      // The timer may win over a payload that was taken.
      return decided(accepted === false ? false : undefined, ['answered', n], ['late', n]);
    case 'collect':
      return [range(PAYLOADS).reduce((sum, index) => sum + n + index, 0)];
    case 'early-rejection':
      return [[add(n, 7), `refused ${n}`]];
    case 'long':
    case 'deadly':
    case 'novel':
      return [add(n, 1)];
  }
}

export function range(size: number): readonly number[] {
  return Array.from({ length: size }, (_, index) => index);
}

function decided(accepted: Accepted, yes: unknown, no: unknown): readonly unknown[] {
  return accepted === undefined ? [yes, no] : [accepted ? yes : no];
}
