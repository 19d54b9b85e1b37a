/** Runs one workflow of six steps, a sleep and a hook to its end, and dies on the way where it is told to. */
import { createHook, sleep } from '../../../libs/runtime/index.js';
import { engineOn, ledger, step, workflow } from '../support/engine.js';
import { killSelf } from '../support/kill-self.js';
import { KillingStore } from '../support/killing.store.js';

const RUN = 'six-steps-run';
const TOKEN = 'six-steps-token';

const [a, b, c, d, e, f] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
  step(name, async (done: readonly string[]) => {
    if (process.env['KILL'] === `in ${name}`) killSelf();
    return [...done, name];
  }),
) as [Letter, Letter, Letter, Letter, Letter, Letter];
type Letter = (done: readonly string[]) => Promise<string[]>;

workflow('six-steps', async () => {
  const early = await b(await a([]));
  await sleep('50ms');
  const late = await c(early);
  const answer = await createHook<string>({ token: TOKEN });
  return f(await e(await d([...late, answer])));
});

ledger.write({ event: 'boot' });
const store = new KillingStore({ type: 'sqlite', path: process.env['DATABASE']! });
await store.open();
const engine = engineOn(store, { sessionIdleMs: Number(process.env['SESSION_IDLE_MS'] ?? 5_000) });
await engine.start();
if (!(await store.runs.get(RUN))) await engine.startRun({ workflow: 'six-steps', runId: RUN, args: [] });
let isOver = false;
const result = engine.result(RUN, 10_000).finally(() => (isOver = true));
await deliverOnce();
console.log('result', JSON.stringify(await result));
ledger.write({ event: 'result' });
await engine.stop();
await store.close();
console.log('writes', store.writes);

/** As a webhook that is tried until it is answered; with one delivery id it counts once. */
async function deliverOnce(): Promise<void> {
  while (!isOver) {
    const hook = await store.hooks.findByToken(TOKEN);
    if (hook) {
      if (hook.status === 'open') await engine.deliverHook(TOKEN, 'answer', 'delivery-1');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
