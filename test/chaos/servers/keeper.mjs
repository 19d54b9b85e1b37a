/**
 * Keeps a PostgreSQL and a Redis of their own for as long as its stdin stays open, and leaves nothing behind then.
 *
 * Says one line of JSON on stdout, `{ "postgres": url, "redis": url }`, then `done`, or `failed` with the reason, for
 * each line of stdin: `restart-postgres SIGNAL`, `stop-redis`, `start-redis`.
 */
import { createInterface } from 'node:readline';
import { startPostgres } from '../../services/postgres-server.mjs';
import { startRedis } from '../../services/redis.mjs';

// Ctrl+C reaches every process of the terminal; this one has to outlive the others.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.stdout.on('error', () => {});

const postgresCleanUps = [];
const redisCleanUps = [];
const say = (line) => process.stdout.write(`${line}\n`);

const stopRedis = async () => {
  for (const cleanUp of redisCleanUps.splice(0)) await cleanUp();
};

try {
  const [postgres, redis] = await Promise.all([startPostgres(postgresCleanUps), startRedis(redisCleanUps)]);
  const commands = {
    'restart-postgres': (signal) => postgres.restart(signal),
    'stop-redis': stopRedis,
    'start-redis': () => startRedis(redisCleanUps, Number(new URL(redis.url).port)),
  };
  say(JSON.stringify({ postgres: postgres.adminUrl, redis: redis.url }));
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, argument] = line.split(' ');
    await commands[command](argument).then(
      () => say('done'),
      (error) => say(`failed ${error.message}`),
    );
  }
} catch (error) {
  console.error(`The servers could not be started: ${error.message}`);
  process.exitCode = 1;
} finally {
  await Promise.allSettled([stopRedis(), ...postgresCleanUps.map((cleanUp) => cleanUp())]);
}
process.exit();
