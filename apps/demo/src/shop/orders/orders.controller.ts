import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type RunEvent, type RunStatus, WorkflowClient } from 'nestjs-pyworkflow';
import type { OrderDto } from './order.dto.js';
import { type OrderResult, OrderWorkflow } from './order.workflow.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly workflows: WorkflowClient) {}

  /** An order that is sent twice is one run: the second request gets the same answer. */
  @Post()
  @HttpCode(202)
  async place(@Body() order: OrderDto): Promise<object> {
    const { runId } = await this.workflows.start(OrderWorkflow, [order], {
      runId: runIdOf(order?.id),
      tags: [`country:${order?.country}`],
    });
    return { order: order.id, run: runId, status: `/orders/${order.id}`, events: `/orders/${order.id}/events` };
  }

  /** The newest orders, by what has become of them and where they go. */
  @Get()
  async list(@Query('status') status?: RunStatus, @Query('country') country?: string): Promise<object> {
    const { runs } = await this.workflows.listRuns({
      workflow: 'order',
      limit: 20,
      ...(status && { status }),
      ...(country && { tags: [`country:${country}`] }),
    });
    return runs.map(({ runId, status, tags, output }) => ({ run: runId, status, tags, result: output }));
  }

  @Get(':id')
  async show(@Param('id') id: string): Promise<object> {
    const run = await this.workflows.getRun(runIdOf(id));
    return { order: id, ...run, output: undefined, result: run.output as OrderResult | undefined };
  }

  /** All that has happened to the order, in order. */
  @Get(':id/events')
  events(@Param('id') id: string): Promise<readonly RunEvent[]> {
    return this.workflows.getEvents(runIdOf(id));
  }
}

export function runIdOf(orderId: string): string {
  return `order-${orderId}`;
}
