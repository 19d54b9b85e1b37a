/**
 * Provides PostgreSQL and Redis for as long as its stdin stays open, and leaves nothing behind when it closes.
 *
 * It is a process of its own so that servers are stopped and databases dropped however the test run ends:
 * the operating system closes the pipe after Ctrl+C, a crash and SIGKILL alike.
 *
 * With the argument `--durable`, private servers survive a failure of the machine.
 *
 * Says one line of JSON on stdout: `{ "postgres": { url, from } | { error }, "redis": { url, keyPrefix, from } | { error } }`.
 */
import { providePostgres } from './postgres.mjs';
import { provideRedis } from './redis.mjs';

// Ctrl+C reaches every process of the terminal; this one has to outlive the others.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const stdinClosed = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume());
const isDurable = process.argv.includes('--durable');
const name = `pyworkflow_test_${Date.now().toString(36)}_${process.pid}`;

/** @type {(() => Promise<void>)[]} */
const cleanUps = [];
const orError = (promise) => promise.catch((error) => ({ error: error.message }));
const [postgres, redis] = await Promise.all([
  orError(providePostgres(name, cleanUps, isDurable)),
  orError(provideRedis(name, cleanUps, isDurable)),
]);
process.stdout.on('error', () => {});
process.stdout.write(`${JSON.stringify({ postgres, redis })}\n`);

await stdinClosed;
const failures = (await Promise.allSettled(cleanUps.map((cleanUp) => cleanUp()))).filter(
  (it) => it.status === 'rejected',
);
for (const { reason } of failures) console.error(`Test services: cleaning up failed: ${reason.message}`);
process.exit(failures.length === 0 ? 0 : 1);
