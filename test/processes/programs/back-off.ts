/** Runs a workflow whose step fails three times, with the waits that WAITS_MS names between its attempts. */
import { getCurrentContext, type StepContext } from '../../../libs/runtime/index.js';
import { TypeOrmStore } from '../../../libs/typeorm/index.js';
import { engineOn, ledger, step, workflow } from '../support/engine.js';
import { killSelf } from '../support/kill-self.js';

const RUN = 'back-off-run';
const waits = process.env['WAITS_MS']!.split(',').map((ms) => `${ms}ms`);

const flaky = step(
  'flaky',
  async () => {
    const { attempt } = getCurrentContext() as StepContext;
    if (String(attempt) === process.env['DIE_IN_ATTEMPT']) killSelf();
    if (attempt < 4) throw new Error(`attempt ${attempt} failed`);
    return attempt;
  },
  { maxRetries: 3, backoff: waits },
);

workflow('back-off', async () => flaky());

ledger.write({ event: 'boot' });
const store = new TypeOrmStore({ type: 'sqlite', path: process.env['DATABASE']! });
await store.open();
const engine = engineOn(store);
await engine.start();
if (!(await store.runs.get(RUN))) await engine.startRun({ workflow: 'back-off', runId: RUN, args: [] });
let retries = 0;
while (retries < 2) {
  const events = await store.events.load(RUN, 0, 100);
  retries = events.filter(({ type }) => type === 'step.retrying').length;
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log('waiting');
console.log('result', JSON.stringify(await engine.result(RUN, 20_000)));
await engine.stop();
await store.close();
