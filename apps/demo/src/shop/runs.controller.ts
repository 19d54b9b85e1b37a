import { Controller, Get, Param, Query } from '@nestjs/common';
import { type RunEvent, type RunStatus, WorkflowClient, type WorkflowRun } from 'nestjs-pyworkflow';

/** Runs of all workflows, as the engine sees them. */
@Controller()
export class RunsController {
  constructor(private readonly workflows: WorkflowClient) {}

  @Get('runs')
  async list(
    @Query('workflow') workflow?: string,
    @Query('status') status?: RunStatus,
    @Query('tag') tag?: string,
  ): Promise<object> {
    return this.workflows.listRuns({
      limit: 20,
      ...(workflow && { workflow }),
      ...(status && { status }),
      ...(tag && { tags: [tag] }),
    });
  }

  @Get('runs/:run')
  show(@Param('run') run: string): Promise<WorkflowRun> {
    return this.workflows.getRun(run);
  }

  @Get('runs/:run/events')
  events(@Param('run') run: string): Promise<readonly RunEvent[]> {
    return this.workflows.getEvents(run);
  }

  /** How many runs of each workflow are in which state. */
  @Get('report')
  async report(): Promise<Record<string, Record<string, number>>> {
    const report: Record<string, Record<string, number>> = {};
    let cursor: string | undefined;
    do {
      const page = await this.workflows.listRuns({ limit: 1_000, ...(cursor && { cursor }) });
      for (const { workflow, status } of page.runs) {
        const counts = (report[workflow] ??= {});
        counts[status] = (counts[status] ?? 0) + 1;
      }
      cursor = page.nextCursor;
    } while (cursor);
    return report;
  }
}
