import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { WorkflowClient } from 'nestjs-pyworkflow';
import { CustomerCare, type Review } from './customer-care.service.js';

@Controller()
export class ReviewsController {
  constructor(private readonly workflows: WorkflowClient) {}

  @Post('orders/:id/review')
  @HttpCode(202)
  async ask(@Param('id') id: string, @Body('email') email: string): Promise<object> {
    const run = await this.workflows.start([CustomerCare, 'askForReview'], [id, email], {
      idempotencyKey: `review of ${id}`,
    });
    return { run: run.runId, status: `/runs/${run.runId}` };
  }

  @Post('reviews/:token')
  @HttpCode(200)
  async answer(@Param('token') token: string, @Body() { stars }: Review): Promise<object> {
    const { runId } = await this.workflows.resumeHook(token, { stars });
    return { run: runId };
  }
}
