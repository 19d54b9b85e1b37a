import { Redis } from 'ioredis';
import pg from 'pg';
import { createPostgresDatabase, postgresUrl, redisKeyPrefix, redisUrl } from './services/index.js';

describe('test services', () => {
  async function withPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  it('gives a spec file one empty PostgreSQL database', async () => {
    const url = await postgresUrl();
    expect(await postgresUrl()).toBe(url);
    const count = await withPostgres(url, async (client) => {
      await client.query('CREATE TABLE orders (id integer)');
      await client.query('INSERT INTO orders VALUES (1), (2)');
      return (await client.query('SELECT count(*)::integer AS count FROM orders')).rows[0].count;
    });
    expect(count).toBe(2);
  });

  it('creates further databases apart from the first', async () => {
    const url = await createPostgresDatabase();
    expect(url).not.toBe(await postgresUrl());
    const tables = await withPostgres(url, (client) =>
      client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
    );
    expect(tables.rows).toEqual([]);
  });

  it('gives a Redis server and a prefix for keys', async () => {
    const redis = new Redis(await redisUrl());
    const key = `${redisKeyPrefix()}greeting`;
    await redis.set(key, 'hello');
    expect(await redis.get(key)).toBe('hello');
    await redis.quit();
  });
});
