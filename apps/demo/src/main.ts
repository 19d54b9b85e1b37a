/**
 * `npm run demo [-- --serve]`: an online shop gets a few hundred orders, its process is killed in the middle and
 * started again, and the books of those it deals with show whether every order was finished once.
 *
 * PYWORKFLOW_STORAGE says where the shop keeps its runs: `sqlite`, `file`, `postgres` (DATABASE_URL), `redis` (REDIS_URL).
 *
 * DEMO_PORT says where the shop answers: 4700, or another port if that is taken.
 *
 * The shop, in `shop/`, is an ordinary Nest application. `partners/` is the world outside, `driver/` tells the story.
 */
import { Demo } from './driver/demo.js';
import { readOrders } from './driver/order-file.js';
import { setStage } from './driver/stage.js';
import { linesToTry } from './driver/try-next.js';

const ORDERS = 'apps/demo/orders.csv';
/** A demo that hangs says so. */
const DEADLINE_MS = 120_000;

const isServing = process.argv.includes('--serve');
const ending = new AbortController();
process.once('SIGINT', () => ending.abort(new Error('It was interrupted.')));
process.once('SIGTERM', () => ending.abort(new Error('It was told to stop.')));
const deadline = setTimeout(() => ending.abort(new Error('Not all orders were finished in time.')), DEADLINE_MS);

const stage = await setStage(process.env['DEMO_DIRECTORY'] ?? '.demo');
const orders = readOrders(ORDERS);
const demo = new Demo(stage, orders, ending.signal);
const { screen } = demo;
const { histories, log } = stage.settings;
try {
  screen.say(`A shop gets ${orders.length} orders from ${ORDERS}. Payments fail now and then, big orders wait for the`);
  screen.say('manager, and in the middle the process is killed.');
  screen.say();
  const problems = await demo.play();
  if (problems.length > 0) process.exitCode = 1;
  screen.say();
  screen.tell('look', `histories are in ${histories.place}; the shop's log is ${log}`);
  screen.tell(
    'next',
    isServing ? 'try these; Ctrl+C ends the shop' : 'npm run demo -- --serve keeps the shop up; then try these:',
  );
  screen.say();
  for (const line of linesToTry(stage.settings, orders[0]!.id, isServing ? demo.shopPid : undefined))
    screen.say(`  ${line}`);
  clearTimeout(deadline);
  if (isServing) await demo.serve();
} catch (error) {
  screen.stopProgress();
  const cause: unknown = ending.signal.aborted ? ending.signal.reason : error;
  screen.say(
    `The demo has failed: ${cause instanceof Error ? cause.message : String(cause)} The shop's log is ${log}.`,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  ending.abort(new Error('The demo is over.')); // or customers would go on asking for a shop that is gone
  await demo.end();
}
