import type { NotifierOptions } from '../../libs/core/index.js';
import { InProcessNotifier, InProcessQueue, MemoryStore } from '../../libs/memory/index.js';
import { SILENT_LOGGER } from '../../libs/runtime/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { makeLocalQueue, makeNotifier, makeQueue } from './open-queue.js';

const failing = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};
const inProcess = { type: 'in-process' } as const;
const bullmq = { type: 'bullmq' } as const;

it('loads no package for a queue in the process, which runs its own steps', async () => {
  const load = failing('not asked for');
  const notifier = await makeNotifier(inProcess, new MemoryStore(), SILENT_LOGGER, load);
  const queue = await makeQueue(inProcess, notifier, SILENT_LOGGER, 15_000, load);
  expect([notifier, queue]).toEqual([expect.any(InProcessNotifier), expect.any(InProcessQueue)]);
  expect(makeLocalQueue(queue)).toBe(queue);
});

it('takes the notifier of a store that has one, and tells the logger what goes wrong with it', async () => {
  const notifier = new InProcessNotifier();
  class TellingStore extends MemoryStore {
    override notifier({ onError }: NotifierOptions): InProcessNotifier {
      onError(new Error('out of order'));
      return notifier;
    }
  }
  const warn = jest.fn();
  expect(await makeNotifier(inProcess, new TellingStore(), { ...SILENT_LOGGER, warn })).toBe(notifier);
  expect(warn).toHaveBeenCalledWith('notices to other processes: out of order', { error: expect.any(Error) });
});

it('takes a queue of your own', async () => {
  class OwnQueue extends InProcessQueue {}
  const own = Object.create(OwnQueue.prototype) as OwnQueue;
  expect(await makeQueue(own, new InProcessNotifier(), SILENT_LOGGER, 15_000)).toBe(own);
});

it('has BullMQ wait for a silent worker as long as a lease', async () => {
  const made = jest.fn();
  class MadeQueue extends InProcessQueue {
    constructor(options: unknown) {
      super();
      made(options);
    }
  }
  const load = async () => ({ BullMqQueue: MadeQueue }) as unknown as typeof import('../../libs/bullmq/index.js');
  await makeQueue(bullmq, new InProcessNotifier(), SILENT_LOGGER, 60_000, load);
  expect(made).toHaveBeenCalledWith(expect.objectContaining({ lockMs: 60_000 }));
});

it('names the packages to install when BullMQ is asked for without them, and hides no other fault', async () => {
  const missing = failing("Cannot find package 'bullmq' imported from /app/x.js");
  await expect(makeNotifier(bullmq, new MemoryStore(), SILENT_LOGGER, missing)).rejects.toThrow(PyWorkflowConfigError);
  await expect(makeQueue(bullmq, new InProcessNotifier(), SILENT_LOGGER, 15_000, missing)).rejects.toThrow(
    'needs the package "bullmq", which is not installed. Run: npm install bullmq @nestjs/bullmq ioredis.',
  );
  await expect(makeNotifier(bullmq, new MemoryStore(), SILENT_LOGGER, failing('broken'))).rejects.toThrow('broken');
});
