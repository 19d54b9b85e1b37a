import { Network, redisUrl } from '../../test/services/index.js';
import { RedisLink } from './redis-link.js';

/** Gives the event loop turns until something is so: the timers of the test stand still. */
async function turnsUntil(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !isSo();) {
    if (Date.now() > deadline) throw new Error(`It did not come in time: ${isSo.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a connection whose server is away', () => {
  let network: Network;

  beforeEach(async () => {
    network = await Network.to(await redisUrl());
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
    });
  });
  afterEach(async () => {
    jest.useRealTimers();
    await network.end();
  });

  it('keeps its process alive no longer when it is closed, nor does a copy of it', async () => {
    const link = new RedisLink({ connection: network.url }, 300, () => {});
    const copy = link.client.duplicate();
    copy.on('error', () => {});
    const are = (status: string) => (): boolean => link.client.status === status && copy.status === status;
    await turnsUntil(are('ready'));
    await network.goDown();
    await turnsUntil(are('reconnecting'));
    await link.close();
    await turnsUntil(are('end'));
    expect(jest.getTimerCount()).toBe(0);
  });
});
