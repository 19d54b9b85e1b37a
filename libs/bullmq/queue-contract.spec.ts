import { describeQueueContract } from '../testing/index.js';
import { givenQueues } from './bullmq.spec-helpers.js';

describeQueueContract('BullMqQueue', async () => {
  const { connect, errors, cleanup } = await givenQueues();
  return { connect, errors, cleanup, sharesSteps: true };
});
