import { SETTLED_STATUSES } from '../entities/workflow-run.entity.js';
import type { Dialect, SchemaMigration } from './schema-migration.js';

/** A key that the database counts up. Its name is quoted, since TypeORM looks for the quotes to find it. */
const POSITION: Readonly<Record<Dialect, string>> = {
  sqlite: 'integer PRIMARY KEY AUTOINCREMENT NOT NULL',
  postgres: 'bigserial PRIMARY KEY NOT NULL',
};

/** Room in each page for the next versions of its rows, which then need no new entries in any index. */
const RUN_STORAGE: Readonly<Record<Dialect, string>> = { sqlite: '', postgres: ' WITH (fillfactor = 60)' };

const RUN = (dialect: Dialect): string => `
  CREATE TABLE workflow_run (
    run_id text PRIMARY KEY NOT NULL,
    workflow text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    tags text NOT NULL,
    idempotency_key text,
    input_digest text,
    sequence integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    ended_at bigint,
    output text,
    error text,
    reason text,
    fence integer NOT NULL,
    owner text,
    lease_until bigint,
    wake_at bigint,
    recovery_attempts integer NOT NULL
  )${RUN_STORAGE[dialect]}`;

const RUN_INDEXES = [
  `CREATE UNIQUE INDEX workflow_run_idempotency ON workflow_run (workflow, idempotency_key)
   WHERE idempotency_key IS NOT NULL`,
  'CREATE INDEX workflow_run_wake ON workflow_run (wake_at) WHERE wake_at IS NOT NULL',
  'CREATE INDEX workflow_run_owner ON workflow_run (owner) WHERE owner IS NOT NULL',
  'CREATE INDEX workflow_run_created ON workflow_run (created_at, run_id)',
  'CREATE INDEX workflow_run_live ON workflow_run (created_at, run_id) WHERE ended_at IS NULL',
  `CREATE INDEX workflow_run_settled ON workflow_run (status, created_at, run_id) WHERE ${SETTLED_STATUSES}`,
  'CREATE INDEX workflow_run_workflow ON workflow_run (workflow, created_at, run_id)',
];

const RUN_TAG = `
  CREATE TABLE workflow_run_tag (
    tag text NOT NULL,
    created_at bigint NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (tag, created_at, run_id)
  )`;

const EVENT = `
  CREATE TABLE workflow_event (
    run_id text NOT NULL,
    sequence integer NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    ref text,
    payload text,
    attributes text,
    PRIMARY KEY (run_id, sequence)
  )`;

const INBOX = (dialect: Dialect): string => `
  CREATE TABLE workflow_inbox (
    "position" ${POSITION[dialect]},
    run_id text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    ref text,
    payload text,
    attributes text,
    received_at bigint NOT NULL,
    consumed boolean NOT NULL
  )`;

const INBOX_INDEXES = [
  'CREATE UNIQUE INDEX workflow_inbox_key ON workflow_inbox (run_id, key)',
  'CREATE INDEX workflow_inbox_waiting ON workflow_inbox (run_id, position) WHERE NOT consumed',
];

const HOOK = (dialect: Dialect): string => `
  CREATE TABLE workflow_hook (
    "position" ${POSITION[dialect]},
    run_id text NOT NULL,
    id text NOT NULL,
    token text NOT NULL,
    status text NOT NULL,
    multiple boolean NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    delivery_id text
  )`;

const HOOK_INDEXES = [
  'CREATE UNIQUE INDEX workflow_hook_id ON workflow_hook (run_id, id)',
  'CREATE INDEX workflow_hook_token ON workflow_hook (token)',
  `CREATE UNIQUE INDEX workflow_hook_open_token ON workflow_hook (token) WHERE status = 'open'`,
];

const HEARTBEAT = `
  CREATE TABLE workflow_heartbeat (
    run_id text NOT NULL,
    id text NOT NULL,
    attempt integer NOT NULL,
    worker text NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (run_id, id)
  )`;

const PROCESS = `
  CREATE TABLE workflow_process (
    owner text PRIMARY KEY NOT NULL,
    role text NOT NULL,
    workflows text NOT NULL,
    steps text NOT NULL,
    until bigint NOT NULL
  )`;

/** The tables of the first release. The entities describe the same ones; a test holds them together. */
export const INITIAL_SCHEMA: SchemaMigration = {
  name: 'initial-schema',
  up: (dialect) => [
    ...[RUN(dialect), ...RUN_INDEXES, RUN_TAG, EVENT],
    ...[INBOX(dialect), ...INBOX_INDEXES, HOOK(dialect), ...HOOK_INDEXES, HEARTBEAT, PROCESS],
  ],
  down: () =>
    ['process', 'heartbeat', 'hook', 'inbox', 'event', 'run_tag', 'run'].map((name) => `DROP TABLE workflow_${name}`),
};
