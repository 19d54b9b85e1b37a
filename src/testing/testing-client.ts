import { Injectable } from '@nestjs/common';
import { isEnded, type RunRecord } from '../../libs/core/index.js';
import { ResultTimeoutError, RunNotFoundError } from '../../libs/runtime/index.js';
import { EventReplayer } from '../client/event-replayer.js';
import { WorkflowClient } from '../client/workflow-client.js';
import { RunStuckError } from './stuck.error.js';
import { HORIZON_YEARS, TestClock } from './test-clock.js';

/** How often to look again, and how long, in real time, before a run counts as stuck: somebody may be about to deliver. */
const LOOK_AGAIN_MS = 10;
const PATIENCE_MS = 1_000;
const NOT_DURABLE = 'it awaits something that is not durable, or a step that never ends.';

// Taken at load time: a test that fakes the timers must not stop the client.
const { setTimeout: startTimer, performance } = globalThis;
const elapsed = performance.now.bind(performance);

/** A client whose waiting for a result lets time pass: a sleep of a week takes a moment. */
@Injectable()
export class TestingWorkflowClient extends WorkflowClient {
  private clock!: TestClock;

  /** @internal */
  use(clock: TestClock): this {
    this.clock = clock;
    return this;
  }

  protected override async outcome(runId: string, timeoutMs: number): Promise<unknown> {
    const limit = this.clock.now() + timeoutMs;
    let progressAt = elapsed();
    for (;;) {
      const isEndedNow = async (): Promise<boolean> => isEnded((await this.record(runId)).status);
      const moved = await this.clock.skip(isEndedNow, limit);
      const record = await this.record(runId);
      if (isEnded(record.status)) return super.outcome(runId, 0);
      if (moved) {
        progressAt = elapsed();
        continue;
      }
      if (timeoutMs !== Infinity) throw new ResultTimeoutError(runId, timeoutMs);
      if (elapsed() - progressAt > Math.max(PATIENCE_MS, this.clock.patienceMs))
        throw new RunStuckError(runId, record.status, await this.reasonOf(record));
      await new Promise<void>((resolve) => startTimer(resolve, LOOK_AGAIN_MS));
    }
  }

  private async record(runId: string): Promise<RunRecord> {
    const record = await this.store.runs.get(runId);
    if (!record) throw new RunNotFoundError(runId);
    return record;
  }

  private async reasonOf({ runId, status, reason }: RunRecord): Promise<string> {
    if (status === 'blocked' || status === 'paused') return `${reason}. Mend the cause, then resume it.`;
    const open = (await this.store.hooks.list(runId)).filter((hook) => hook.status === 'open');
    if (open.length === 0) return (await this.farWait(runId)) ?? NOT_DURABLE;
    const names = open.map(({ id }) => `"${id}"`).join(', ');
    return `it waits for hook ${names}. Deliver with client.resumeHook() before you wait for the result.`;
  }

  private async farWait(runId: string): Promise<string | undefined> {
    const { timers, steps } = new EventReplayer(await this.getEvents(runId)).state;
    const waits = timers.filter(({ status }) => status === 'running').map(({ fireAt }) => fireAt);
    for (const { status, retryAt } of steps) if (status === 'retrying' && retryAt) waits.push(retryAt);
    const first = waits.sort((a, b) => a.getTime() - b.getTime())[0];
    if (!first || !this.clock.isBeyondHorizon(first)) return undefined;
    return (
      `it waits until ${first.toISOString()}, and the clock skips at most ${HORIZON_YEARS} years by itself. ` +
      'Move it on with clock.advanceTo() before you wait for the result.'
    );
  }
}
