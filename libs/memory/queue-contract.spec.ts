import { describeQueueContract } from '../testing/index.js';
import type { InProcessQueueOptions } from './in-process.queue.js';
import { InProcessNotifier } from './in-process.notifier.js';
import { InProcessQueue } from './in-process.queue.js';

describeQueueContract('InProcessQueue', async () => {
  const errors: unknown[] = [];
  const queues: InProcessQueue[] = [];
  const notifier = new InProcessNotifier();
  const options: InProcessQueueOptions = { notifier, onError: (error) => errors.push(error) };
  return {
    connect() {
      const queue = new InProcessQueue(options);
      queues.push(queue);
      return queue;
    },
    sharesSteps: false,
    errors,
    async cleanup() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
});
