import type { StepTask, WorkflowQueue } from '../../../libs/core/index.js';
import { InProcessQueue } from '../../../libs/memory/index.js';

type Consumer = Pick<WorkflowQueue, 'consumeWakes' | 'consumeSteps'>;

/** From now on the queues of this process deliver each message several times, at once and later. */
export async function repeatMessages(times: number): Promise<void> {
  repeatThoseOf(InProcessQueue.prototype, times);
  if (!process.env['CHAOS_REDIS_URL']) return;
  const { BullMqQueue } = await import('../../../libs/bullmq/index.js');
  repeatThoseOf(BullMqQueue.prototype, times);
}

function repeatThoseOf(queue: Consumer, times: number): void {
  const { consumeWakes, consumeSteps } = queue;
  queue.consumeWakes = function (owner, handle) {
    return consumeWakes.call(this, owner, (runId) => repeat(times, () => handle(runId)));
  };
  queue.consumeSteps = function (options, handle) {
    return consumeSteps.call(this, options, (task: StepTask) => repeat(times, () => handle(task)));
  };
}

async function repeat(times: number, deliver: () => Promise<void>): Promise<void> {
  const deliveries = Array.from({ length: times }, async (_, nth) => {
    if (nth > 1) await new Promise((resolve) => setTimeout(resolve, 100 * nth));
    await deliver();
  });
  await Promise.all(deliveries);
}
