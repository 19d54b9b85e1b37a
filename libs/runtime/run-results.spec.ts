import type { RunRecord } from '../core/index.js';
import type { EnginePorts } from './ports.js';
import { ResultWaiters } from './result-waiters.js';
import { RunResults } from './run-results.js';

const RUNNING = { runId: 'r1', workflow: 'order', status: 'running' } as RunRecord;
const COMPLETED = { ...RUNNING, status: 'completed', output: '"done"' } as RunRecord;

/** What a store that gives this for a run makes of a call, and how many still listen for its end after that. */
async function resultOf(look: () => Promise<RunRecord | undefined>, timeoutMs = Infinity) {
  const ports = {
    clock: { now: () => 0, schedule: () => () => {} },
    codec: { decode: (text: string): unknown => JSON.parse(text) },
    store: { runs: { get: look } },
  } as unknown as EnginePorts;
  const waiters = new ResultWaiters(ports);
  const listening = new Set<unknown>();
  const { listen, end } = waiters;
  waiters.listen = (runId) => {
    const one = listen.call(waiters, runId);
    listening.add(one);
    return one;
  };
  waiters.end = (one) => {
    listening.delete(one);
    end.call(waiters, one);
  };
  const result = new RunResults(ports, waiters, () => false).of('r1', timeoutMs).catch((error: Error) => error.name);
  setImmediate(() => waiters.tell(COMPLETED));
  return { result: await result, left: listening.size };
}

it.each<[string, () => Promise<RunRecord | undefined>, number, unknown]>([
  ['has ended', async () => COMPLETED, Infinity, 'done'],
  ['ends', async () => RUNNING, Infinity, 'done'],
  ['has failed', async () => ({ ...RUNNING, status: 'failed' }), Infinity, 'RunFailedError'],
  ['was cancelled', async () => ({ ...RUNNING, status: 'cancelled' }), Infinity, 'RunCancelledError'],
  ['is unknown', async () => undefined, Infinity, 'RunNotFoundError'],
  ['goes on for too long', async () => RUNNING, 0, 'ResultTimeoutError'],
  ['cannot be read', () => Promise.reject(new TypeError('No.')), Infinity, 'TypeError'],
])('nobody listens any more for the end of a run that %s', async (_, look, timeoutMs, expected) => {
  expect(await resultOf(look, timeoutMs)).toMatchObject({ result: expected, left: 0 });
});
