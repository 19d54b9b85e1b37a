import { setImmediate as turn } from 'node:timers/promises';
import type { StepTask } from '../core/index.js';
import { InProcessQueue } from './in-process.queue.js';

const task = (id: string, fence = 1): StepTask => ({
  runId: 'r1',
  id,
  step: 'charge',
  attempt: 1,
  failures: 0,
  lost: 0,
  sequence: 2,
  workflow: 'order',
  tags: [],
  owner: 'A',
  fence,
});

/** A handler whose calls end when the test says so. */
function gate() {
  const started: string[] = [];
  const opened: (() => void)[] = [];
  const pass = (id: string): Promise<void> => {
    started.push(id);
    return new Promise((resolve) => opened.push(resolve));
  };
  return { started, pass, open: () => opened.splice(0).forEach((resolve) => resolve()) };
}

async function settled(): Promise<void> {
  await turn();
  await turn();
}

describe('wakes', () => {
  it('reach the consumer after the caller has gone on', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    await queue.wake('r1');
    expect(woken).toEqual([]);
    await settled();
    expect(woken).toEqual(['r1']);
  });

  it('go to the owner they name', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(`A ${runId}`));
    await queue.consumeWakes('B', async (runId) => void woken.push(`B ${runId}`));
    await queue.wake('r1', 'B');
    await queue.wake('r2', 'A');
    await settled();
    expect(woken.sort()).toEqual(['A r2', 'B r1']);
  });

  it('go to anyone when their owner is not here', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    await queue.wake('r1', 'gone');
    await settled();
    expect(woken).toEqual(['r1']);
  });

  it('of one run in one turn are one wake', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    for (let i = 0; i < 200; i++) await queue.wake('r1');
    await settled();
    expect(woken).toEqual(['r1']);
  });

  it('are delivered again while a handler of the same run is still running', async () => {
    const queue = new InProcessQueue();
    const { started, pass, open } = gate();
    await queue.consumeWakes('A', pass);
    await queue.wake('r1');
    await settled();
    await queue.wake('r1');
    await settled();
    expect(started).toEqual(['r1', 'r1']);
    open();
  });

  it('wait for the first consumer', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.wake('r1');
    await settled();
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    await settled();
    expect(woken).toEqual(['r1']);
  });
});

describe('step calls', () => {
  it('run in the order of dispatch, at most as many at once as the consumer allows', async () => {
    const queue = new InProcessQueue();
    const { started, pass, open } = gate();
    await queue.consumeSteps({ concurrency: 2 }, (taken) => pass(taken.id));
    for (const id of ['a', 'b', 'c', 'd', 'e']) await queue.dispatch(task(id));
    await settled();
    expect(started).toEqual(['a', 'b']);
    open();
    await settled();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    open();
    await settled();
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
    open();
  });

  it('of a named queue go to its consumers alone, with a concurrency of their own', async () => {
    const queue = new InProcessQueue();
    const { started, pass, open } = gate();
    await queue.consumeSteps({ concurrency: 1 }, (taken) => pass(`default ${taken.id}`));
    await queue.consumeSteps({ queue: 'gpu', concurrency: 1 }, (taken) => pass(`gpu ${taken.id}`));
    await queue.dispatch(task('a'));
    await queue.dispatch(task('b'), 'gpu');
    await queue.dispatch(task('c'), 'gpu');
    await settled();
    expect(started).toEqual(['default a', 'gpu b']);
    open();
    await settled();
    expect(started).toEqual(['default a', 'gpu b', 'gpu c']);
    open();
  });

  it('wait for a consumer, and one dispatched again meanwhile runs once, as it was handed in last', async () => {
    const queue = new InProcessQueue();
    const taken: StepTask[] = [];
    await queue.dispatch(task('a', 1));
    await queue.dispatch(task('b', 1));
    await queue.dispatch(task('a', 2));
    await settled();
    await queue.consumeSteps({ concurrency: 5 }, async (next) => void taken.push(next));
    await settled();
    expect(taken).toEqual([task('a', 2), task('b', 1)]);
  });

  it('run again when they are dispatched again after they were taken', async () => {
    const queue = new InProcessQueue();
    const { started, pass, open } = gate();
    await queue.consumeSteps({ concurrency: 2 }, (taken) => pass(taken.id));
    await queue.dispatch(task('a'));
    await settled();
    await queue.dispatch(task('a'));
    await settled();
    expect(started).toEqual(['a', 'a']);
    open();
  });

  it('beyond ten thousand waiting ones are dropped', async () => {
    const queue = new InProcessQueue();
    let count = 0;
    for (let i = 0; i < 10_100; i++) await queue.dispatch(task(`s#${i}`));
    await queue.consumeSteps({ concurrency: 20_000 }, async () => void count++);
    await settled();
    expect(count).toBe(10_000);
  });
});

describe('handlers that throw', () => {
  it('are reported, and the next call runs', async () => {
    const errors: unknown[] = [];
    const queue = new InProcessQueue({ onError: (error) => errors.push(error) });
    const done: string[] = [];
    await queue.consumeWakes('A', () => {
      throw new Error('wake');
    });
    await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => {
      if (id === 'bad') throw new Error('step');
      done.push(id);
    });
    await queue.wake('r1');
    await queue.dispatch(task('bad'));
    await queue.dispatch(task('good'));
    await settled();
    await settled();
    expect(errors).toEqual([new Error('wake'), new Error('step')]);
    expect(done).toEqual(['good']);
  });
});

describe('drain', () => {
  it('waits for the handlers that run and starts no others', async () => {
    const queue = new InProcessQueue();
    const { started, pass, open } = gate();
    await queue.consumeWakes('A', pass);
    await queue.consumeSteps({ concurrency: 1 }, (taken) => pass(taken.id));
    await queue.wake('r1');
    await queue.dispatch(task('a'));
    await queue.dispatch(task('b'));
    await settled();
    let isDrained = false;
    const drained = queue.drain().then(() => (isDrained = true));
    await queue.wake('r2');
    await queue.dispatch(task('c'));
    await settled();
    expect(isDrained).toBe(false);
    open();
    await drained;
    await settled();
    expect(started).toEqual(['r1', 'a']);
  });

  it('drops what was handed in but not started, and may be called again', async () => {
    const queue = new InProcessQueue();
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    await queue.wake('r1');
    await queue.drain();
    await queue.drain();
    await settled();
    expect(woken).toEqual([]);
  });
});
