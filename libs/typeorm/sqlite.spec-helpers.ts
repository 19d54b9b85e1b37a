import { rm } from 'node:fs/promises';
import Libsql from 'libsql';
import { safeLibsql } from './safe-libsql.js';
import type { SqliteDatabase, SqliteDriver } from './sqlite/sqlite-database.js';

export const SafeLibsql: SqliteDriver = safeLibsql(Libsql as unknown as SqliteDriver);

export async function openDatabase(path: string): Promise<SqliteDatabase> {
  return new SafeLibsql(path, { timeout: 20 });
}

export async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '.lock']) await rm(path + suffix, { force: true });
}
