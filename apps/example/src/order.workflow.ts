import { sleep, Workflow } from 'nestjs-pyworkflow';
import type { Order } from './order.js';
import { OrderSteps } from './order.steps.js';

@Workflow({ name: 'order' })
export class OrderWorkflow {
  constructor(private readonly steps: OrderSteps) {}

  /** @returns where each step ran */
  async run(order: Order): Promise<readonly string[]> {
    const reserved = await this.steps.reserve(order);
    const charged = await this.steps.charge(order);
    await sleep('1s');
    return [reserved, charged, await this.steps.ship(order)];
  }
}
