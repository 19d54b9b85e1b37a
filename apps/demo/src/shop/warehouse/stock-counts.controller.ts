import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { WorkflowClient } from 'nestjs-pyworkflow';
import { StockCountWorkflow } from './stock-count.workflow.js';

@Controller('stock-counts')
export class StockCountsController {
  constructor(private readonly workflows: WorkflowClient) {}

  /** One count a night, however often it is asked for. */
  @Post()
  @HttpCode(202)
  async start(@Body('night') night: string, @Body('rounds') rounds = 1): Promise<object> {
    const { runId } = await this.workflows.start(StockCountWorkflow, [rounds], { idempotencyKey: `count of ${night}` });
    return { run: runId, status: `/runs/${runId}` };
  }
}
