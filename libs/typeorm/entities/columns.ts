import type { ValueTransformer } from 'typeorm';

/** Big integers as numbers: PostgreSQL's driver hands them out as text. Ours stay below 2^53. */
const asNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null || value === undefined ? value : Number(value)),
};

/** Epoch milliseconds, or a counter. */
export const BIGINT = { type: 'bigint', transformer: asNumber } as const;
