import { hostname } from 'node:os';
import { now, parallel, randomUUID, sideEffect, sleep, Workflow } from 'nestjs-pyworkflow';
import { WarehouseSteps } from '../partners/warehouse.steps.js';

export interface StockCount {
  readonly id: string;
  readonly startedAt: Date;
  readonly countedBy: string;
  readonly units: Readonly<Record<string, number>>;
}

/** Counts all products, a few at once, and pauses after each round as the people who count do. */
@Workflow({ name: 'stock-count', tags: ['warehouse'], description: 'The nightly count of the warehouse.' })
export class StockCountWorkflow {
  /** Each run has an instance of its own, so this is the state of one count. */
  private readonly units: Record<string, number> = {};

  constructor(private readonly warehouse: WarehouseSteps) {}

  async run(rounds: number): Promise<StockCount> {
    // What differs from one execution to the next is recorded, so that a replay sees the same.
    const id = randomUUID();
    const startedAt = now();
    const countedBy = await sideEffect(() => hostname());
    const products = await this.warehouse.listProducts();
    for (let round = 0; round < rounds; round++) {
      const counted = await parallel(products, (product) => this.warehouse.count(product), { concurrency: 3 });
      for (const [index, product] of products.entries()) this.units[product] = counted[index]!;
      await sleep('500ms');
    }
    return { id, startedAt, countedBy, units: this.units };
  }
}
