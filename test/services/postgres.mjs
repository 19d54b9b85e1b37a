import { userInfo } from 'node:os';
import { query, serverUrl, whyUnusable } from './postgres-client.mjs';
import { startPostgres } from './postgres-server.mjs';
import { say } from './system.mjs';

const DROPPED_AT_ONCE = 10;

/**
 * Provides a database of our own called `name`, and notes its removal in `cleanUps`. Specs create theirs beside it,
 * with names that begin with `name`; no other database is ever touched.
 */
export async function providePostgres(name, cleanUps, isDurable) {
  const { adminUrl, from, isOurs } = await findServer(cleanUps, isDurable);
  await query(adminUrl, `CREATE DATABASE ${name}`);
  if (!isOurs) cleanUps.push(() => dropDatabases(adminUrl, name));
  const url = new URL(adminUrl);
  url.pathname = name;
  return { url: url.href, from };
}

async function findServer(cleanUps, isDurable) {
  if (process.env.DATABASE_URL) {
    const reason = await whyUnusable(process.env.DATABASE_URL);
    if (!reason) return { adminUrl: process.env.DATABASE_URL, from: 'DATABASE_URL' };
    throw new Error(`DATABASE_URL is set, but tests cannot use it: ${reason}`);
  }
  const host = process.env.PGHOST ?? '127.0.0.1';
  const port = process.env.PGPORT ?? '5432';
  for (const user of new Set([process.env.PGUSER ?? 'postgres', 'postgres', userInfo().username])) {
    // A server with trust authentication ignores the password.
    const adminUrl = serverUrl(host, port, user, process.env.PGPASSWORD ?? 'postgres');
    const reason = await whyUnusable(adminUrl);
    if (!reason) return { adminUrl, from: `the server on ${host}:${port}` };
    if (reason.code === 'ECONNREFUSED') break;
    say(`PostgreSQL on ${host}:${port} is of no use to user ${user}: ${reason}`);
  }
  return startPostgres(cleanUps, isDurable);
}

async function dropDatabases(adminUrl, prefix) {
  const databases = await query(adminUrl, 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [prefix]);
  // The server makes a checkpoint before each of them goes; those that go at the same time share one.
  const drop = ({ datname }) => query(adminUrl, `DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
  while (databases.length > 0) await Promise.all(databases.splice(0, DROPPED_AT_ONCE).map(drop));
}
