export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** The distribution of some values, rounded; NaN throughout if there are none. */
export function summary(values: readonly number[], digits = 2): Summary {
  const at = (fraction: number): number => round(quantile(values, fraction), digits);
  return { n: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), min: at(0), max: at(1) };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values, as much of each as the fraction is near to it. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
