/** Advances runs in a store of files for ever, and says after each commit what has been promised. */
import { FileStore } from '../../../libs/file/index.js';
import { commitOf } from '../support/commit-of.js';

const RUNS = 5;
const EVENTS = 6;

const store = new FileStore({ path: process.env['DATABASE']!, synchronous: 'NORMAL' });
try {
  await store.open();
} catch (error) {
  console.log('refused', (error as Error).message);
  process.exit(1);
}
await Promise.all(Array.from({ length: RUNS }, (_, lane) => advance(lane)));

async function advance(lane: number): Promise<never> {
  for (let number = 0; ; number++) {
    const runId = `${process.pid}-${lane}-${number}`;
    for (let sequence = 1; sequence <= EVENTS; sequence++) {
      await store.commit(commitOf(runId, sequence, sequence === EVENTS ? 'completed' : 'running'));
      console.log('promised', runId, sequence);
    }
  }
}
