import { Body, Controller, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { WorkflowClient } from 'nestjs-pyworkflow';
import type { Approval } from './order.workflow.js';

/** For the manager only: in a real shop, a guard stands before it. */
@Controller('approvals')
export class ApprovalsController {
  constructor(private readonly workflows: WorkflowClient) {}

  /** Orders that wait for an answer, and where to send it. */
  @Get()
  async waiting(): Promise<object[]> {
    const { runs } = await this.workflows.listRuns({ workflow: 'order', status: 'suspended', limit: 1_000 });
    const hooks = await Promise.all(runs.map(({ runId }) => this.workflows.listHooks(runId, { includeTokens: true })));
    return hooks
      .flat()
      .filter(({ status }) => status === 'open')
      .map(({ runId, expiresAt, token }) => ({ run: runId, until: expiresAt, answerTo: `/approvals/${token}` }));
  }

  /** Only the first answer counts. With a delivery id, one that is sent again is the same answer, and no error. */
  @Post(':token')
  @HttpCode(200)
  async answer(
    @Param('token') token: string,
    @Body() approval: Approval,
    @Headers('idempotency-key') deliveryId?: string,
  ): Promise<object> {
    const answer: Approval = { ok: approval?.ok === true };
    const { runId } = await this.workflows.resumeHook(token, answer, deliveryId ? { deliveryId } : {});
    return { run: runId, ...answer };
  }
}
