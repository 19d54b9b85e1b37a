/** Runs a workflow whose step ends the process, as DEATH says, beside some that are executing at that moment. */
import { sleep } from '../../../libs/runtime/index.js';
import { TypeOrmStore } from '../../../libs/typeorm/index.js';
import { engineOn, ledger, step, workflow } from '../support/engine.js';
import { killSelf } from '../support/kill-self.js';

const OTHERS = 5;

const deadly = step('deadly', async () => {
  await pause(50);
  if (process.env['DEATH'] === 'exit') process.exit(3);
  killSelf();
});
const slow = step('slow', async (n: number) => {
  await pause(150);
  return n;
});
const quick = step('quick', async (n: number) => n + 1);

workflow('poison', async () => {
  if (process.env['DEATH'] !== 'workflow') return deadly();
  await sleep('50ms');
  killSelf();
});
workflow('other', async (n: number) => quick(await slow(n)));

ledger.write({ event: 'boot' });
const store = new TypeOrmStore({ type: 'sqlite', path: process.env['DATABASE']! });
await store.open();
const engine = engineOn(store);
await engine.start();
const others = Array.from({ length: OTHERS }, (_, n) => ({ workflow: 'other', runId: `other-${n}`, args: [n] }));
const wanted = [...others.slice(0, 2), { workflow: 'poison', runId: 'poison', args: [] }, ...others.slice(2)];
// A process that comes after does not start them again, so that recovery alone is what brings them back.
if (!(await store.runs.get('other-0'))) await Promise.all(wanted.map((run) => engine.startRun(run)));
const results = await Promise.all(others.map(({ runId }) => engine.result(runId, 30_000)));
console.log('others', JSON.stringify(results));
while ((await store.runs.get('poison'))?.status !== 'paused') await pause(10);
console.log('paused');
await engine.stop();
await store.close();

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
