import { afterMicrotasksTogether, drainMicrotasks, macrotaskTurn } from './turns.js';

const FROM: [string, (callback: () => void) => void][] = [
  ['the event loop', setImmediate],
  ['the tick queue', process.nextTick],
  ['a microtask', queueMicrotask],
];

describe.each(FROM)('in a callback of %s', (_name, soon) => {
  /** What has happened when the wait is over that begins beside code with many hops. */
  const during = (wait: () => Promise<void>): Promise<string[]> =>
    new Promise((resolve) =>
      soon(() => {
        const seen: string[] = [];
        const hopping = async (): Promise<void> => {
          for (let hops = 0; hops < 50; hops++) await null;
          seen.push('hopped');
        };
        void hopping();
        setImmediate(() => seen.push('turned'));
        void wait().then(() => resolve([...seen]));
      }),
    );

  test('draining the microtasks lets all code come to its next wait, and no more', async () => {
    expect(await during(drainMicrotasks)).toEqual(['hopped']);
  });

  test('a macrotask turn lets what the event loop held come first', async () => {
    expect(await during(macrotaskTurn)).toEqual(['hopped', 'turned']);
  });
});

test('those who ask for the end of the microtasks together are called back in one tick, in their order', async () => {
  const seen: string[] = [];
  const see = (what: string): void => {
    seen.push(what);
    void Promise.resolve().then(() => seen.push(`behind ${what}`));
  };
  afterMicrotasksTogether(() => see('a'));
  afterMicrotasksTogether(() => see('b'));
  await macrotaskTurn();
  expect(seen).toEqual(['a', 'b', 'behind a', 'behind b']);
});

test('faked timers do not stop the engine', async () => {
  jest.useFakeTimers();
  await drainMicrotasks();
  await macrotaskTurn();
  jest.useRealTimers();
});
