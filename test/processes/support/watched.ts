import { getCurrentContext, type StepContext } from '../../../src/index.js';
import type { Ledger } from './ledger.js';

/** Writes to the ledger when the body of a step begins and when it ends. */
export async function watched<T>(ledger: Ledger, body: () => Promise<T>): Promise<T> {
  const { stepName, idempotencyKey: key, attempt } = getCurrentContext() as StepContext;
  const step = stepName.split('.').at(-1)!;
  ledger.write({ event: 'begin', step, key, attempt });
  const result = await body();
  ledger.write({ event: 'end', step, key, attempt });
  return result;
}
