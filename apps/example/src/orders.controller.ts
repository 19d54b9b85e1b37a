import { BadRequestException, Body, Controller, Get, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { RunNotFoundError, WorkflowClient, type WorkflowRun } from 'nestjs-pyworkflow';
import type { Order } from './order.js';
import { OrderWorkflow } from './order.workflow.js';

@Controller()
export class OrdersController {
  constructor(private readonly workflows: WorkflowClient) {}

  /** The same order sent twice is one run. */
  @Post('orders')
  @HttpCode(202)
  async place(@Body() order: Order): Promise<object> {
    if (typeof order?.id !== 'string' || typeof order.amount !== 'number')
      throw new BadRequestException('An order is { "id": "...", "amount": 1 }.');
    const { runId } = await this.workflows.start(OrderWorkflow, [order], { runId: `order-${order.id}` });
    return { run: runId, status: `/orders/${order.id}` };
  }

  @Get('orders/:id')
  async show(@Param('id') id: string): Promise<WorkflowRun> {
    try {
      return await this.workflows.getRun(`order-${id}`);
    } catch (error) {
      if (error instanceof RunNotFoundError) throw new NotFoundException(error.message);
      throw error;
    }
  }

  @Get('health')
  health(): object {
    return { status: 'up' };
  }
}
