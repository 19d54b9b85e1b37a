import { ConflictException, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { WorkflowClient } from 'nestjs-pyworkflow';
import type { OrderResult } from '../orders/order.workflow.js';
import { runIdOf } from '../orders/orders.controller.js';
import { RefundWorkflow } from './refund.workflow.js';

@Controller('orders/:id/refund')
export class RefundsController {
  constructor(private readonly workflows: WorkflowClient) {}

  /** Whatever the number of requests, an order is refunded once: they have one idempotency key. */
  @Post()
  @HttpCode(202)
  async refund(@Param('id') id: string): Promise<object> {
    const { output } = await this.workflows.getRun(runIdOf(id));
    const { state, payment } = (output ?? {}) as Partial<OrderResult>;
    if (state !== 'shipped' || !payment)
      throw new ConflictException(`Order ${id} is not shipped: ${state ?? 'under way'}.`);
    const { runId } = await this.workflows.start(RefundWorkflow, [id, payment], { idempotencyKey: `refund of ${id}` });
    return { run: runId, status: `/runs/${runId}` };
  }

  /** The customer has thought again. */
  @Delete(':run')
  @HttpCode(202)
  async withdraw(@Param('run') run: string): Promise<void> {
    await this.workflows.cancel(run);
  }
}
