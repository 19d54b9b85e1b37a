import pg from 'pg';

export function serverUrl(host, port, user, password) {
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/postgres`;
}

/** The error that keeps tests from this server; nothing when they may connect and create databases. */
export async function whyUnusable(url) {
  try {
    const [role] = await query(
      url,
      'SELECT current_user AS name, rolcreatedb OR rolsuper AS able FROM pg_roles WHERE rolname = current_user',
    );
    if (role?.able) return undefined;
    return new Error(
      `the user may not create databases, and tests run only in their own (ALTER ROLE "${role?.name}" CREATEDB)`,
    );
  } catch (error) {
    return error.errors?.[0] ?? error;
  }
}

export async function query(connectionString, text, values) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // a query that was under way reports it too
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
