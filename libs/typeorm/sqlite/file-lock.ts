import { StoreLockedError } from '../../core/index.js';
import { isBusy } from './sqlite-errors.js';
import type { SqliteDatabase, SqliteDriver } from './sqlite-database.js';

/**
 * Holds a database file for one store, by a lock of the operating system on a file beside it.
 *
 * The lock is a transaction that SQLite keeps open: it dies with the process however that ends, and the database
 * itself stays readable for others, a dashboard or the sqlite3 shell.
 */
export class FileLock {
  private constructor(private readonly database: SqliteDatabase) {}

  static acquire(path: string, Driver: SqliteDriver): FileLock {
    const database = new Driver(`${path}.lock`, { timeout: 0 });
    try {
      // Nothing is ever written, so nothing has to be restored, by a journal beside the lock file, after a crash.
      database.exec('PRAGMA journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
      return new FileLock(database);
    } catch (error) {
      database.close();
      throw isBusy(error) ? lockedError(path) : error;
    }
  }

  release(): void {
    // Closing alone is not enough: libsql keeps a connection open until its objects are collected.
    this.database.exec('ROLLBACK');
    this.database.close();
  }
}

function lockedError(path: string): StoreLockedError {
  return new StoreLockedError(
    path,
    `Stop that process ("fuser ${path}.lock" names it), give this one a database file of its own, ` +
      'or use PostgreSQL to run several processes on one database.',
  );
}
