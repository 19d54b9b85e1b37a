import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricsRegistry } from './metrics.options.js';

/** Metrics whose names begin with one prefix, in one registry. */
export abstract class MetricSet {
  /** Metrics do not care in which format they are written. */
  private readonly registers: Registry[];

  constructor(
    registry: MetricsRegistry,
    private readonly prefix: string,
  ) {
    this.registers = [registry as Registry];
  }

  protected counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name: this.prefix + name, help, labelNames, registers: this.registers });
  }

  protected histogram<Label extends string>(
    name: string,
    help: string,
    label: Label,
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name: this.prefix + name, help, labelNames: [label], buckets, registers: this.registers });
  }

  /** A gauge that is read when the metrics are; undefined leaves it out. */
  protected gauge(name: string, help: string, read: () => number | Promise<number | undefined>): Gauge {
    const { registers, prefix } = this;
    const collect = async function (this: Gauge): Promise<void> {
      const value = await read();
      if (value === undefined) this.remove();
      else this.set(value);
    };
    return new Gauge({ name: prefix + name, help, registers, collect });
  }
}
