import { createPostgresDatabase } from '../../../test/services/index.js';
import type { Commit, RunFilter } from '../../core/index.js';
import { listRuns } from '../run-list.js';
import { TypeOrmStore } from '../typeorm.store.js';
import { Observer } from './postgres.spec-helpers.js';

let store: TypeOrmStore;
let observer: Observer;

/** What the store sends, by what it is for. */
const statements = new Map<string, string>();

async function record(name: string, work: () => Promise<unknown>): Promise<void> {
  const { driver } = store.dataSource as unknown as { driver: { master: { query(query: { text: string }): unknown } } };
  const { master } = driver;
  const query = master.query;
  let count = 0;
  master.query = (config) => {
    statements.set(count++ === 0 ? name : `${name} ${count}`, config.text);
    return Reflect.apply(query, master, [config]);
  };
  await work().finally(() => (master.query = query));
}

beforeAll(async () => {
  const url = await createPostgresDatabase();
  store = new TypeOrmStore({ type: 'postgres', url });
  await store.open();
  observer = await Observer.connect(url);
  await observer.query('SET plan_cache_mode = force_generic_plan');
  const { committing, created, T } = await import('../../../test/commits.spec-helpers.js');
  const lease = { runId: 'r1', owner: 'A', fence: 1 };
  const both = (commitOf: (runId: string) => Commit): Promise<unknown> =>
    Promise.all(['r2', 'r3'].map((runId) => store.commit(commitOf(runId))));
  await record('create', () => store.commit(created('r1')));
  await record('create two', () => both((runId) => created(runId)));
  await record('hold', () => store.commit(committing('r1', 1)));
  await record('hold two', () => both((runId) => committing(runId, 1)));
  const compacts = [{ type: 'history.compacted', sequence: 2, at: T, attributes: { from: 2, calls: {} } }] as const;
  await record('compact', () => store.commit(committing('r1', 2, { compacts })));
  const release = { type: 'release', owner: 'A', until: T } as const;
  await record('let go', () => store.commit(committing('r1', 3, { lease: release, consumes: ['a'] })));
  await record('let go of two', () => both((runId) => committing(runId, 2, { lease: release, consumes: ['a'] })));
  await store.commit(created('r4'));
  const end = { status: 'completed', updatedAt: T, endedAt: T, recoveryAttempts: 0 } as const;
  await record('end', () => store.commit(committing('r4', 1, { run: end })));
  await record('end two', () => both((runId) => committing(runId, 3, { run: end })));
  await record('append', () =>
    store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T }),
  );
  await record('deliver', () => store.deliverHook({ token: 't', deliveryId: 'd', payload: '1', receivedAt: T }));
  await record('claim', () => store.claim({ runId: 'r1', owner: 'A', now: T, until: T }));
  await record('release', () => store.release([lease]));
  await record('renew', () => store.renew([lease], T));
  await record('due', () => store.due(T, 100));
  await record('heartbeat', () => store.heartbeat([{ runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T }]));
  await record('run', () => store.runs.get('r1'));
  await record('events', () => store.events.load('r1', 0, 100));
  await record('inbox', () => store.inbox('r1'));
  await record('hooks', () => store.hooks.list('r1'));
  await record('token', () => store.hooks.findByToken('t'));
});

afterAll(async () => {
  await store.close();
  await observer.end();
});

async function planOf(text: string): Promise<string> {
  const count = new Set(text.match(/\$\d+/g)).size;
  await observer.query(`PREPARE asked AS ${text}`);
  const nulls = Array(count).fill('NULL').join(', ');
  const rows = await observer.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE asked${count ? `(${nulls})` : ''}`);
  await observer.query('DEALLOCATE asked');
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Reading a table as a whole, or an index that leads to the rows of many runs. */
const SLOW = /Seq Scan on workflow_|(Hash|Merge) Join|using workflow_run_owner|workflow_hook_open_token/;

const NAMES = [
  ...['create', 'create two', 'hold', 'hold two', 'compact', 'let go', 'let go of two', 'end', 'end two'],
  ...['append', 'claim', 'claim 2', 'release', 'renew', 'heartbeat'],
  ...['run', 'events', 'inbox', 'hooks'],
];

const ALONE = ['hold', 'let go', 'end'];
const TOGETHER = ['hold two', 'let go of two', 'end two'];

describe.each([
  ['a fresh database', 0, 'on'],
  ['a database that was analyzed while it was almost empty, on connections of the store', 2, 'off'],
  ['a database of 20,000 runs', 20_000, 'on'],
])('in %s', (_, runs, seqscan) => {
  beforeAll(async () => {
    await observer.query(`SET enable_seqscan = ${seqscan}`);
    if (runs === 0) return;
    for (const table of ['run', 'hook', 'inbox', 'event', 'heartbeat'])
      await observer.query(`DELETE FROM workflow_${table}`);
    await observer.query(
      `INSERT INTO workflow_run (run_id, workflow, version, status, tags, sequence, created_at, updated_at, fence, owner,
         lease_until, wake_at, recovery_attempts)
       SELECT 'x' || n, 'w' || n % 100, 1, 'suspended', '[]', 1, n, n, 1, CASE WHEN n % 2 = 0 THEN 'A' END,
         CASE WHEN n % 2 = 0 THEN n END, n, 0 FROM generate_series(1, $1) AS n`,
      [runs],
    );
    await observer.query(
      `INSERT INTO workflow_hook (run_id, id, token, status, multiple, created_at)
       SELECT 'x' || n, 'h#1', 't' || n, 'open', FALSE, n FROM generate_series(1, $1) AS n`,
      [runs],
    );
    await observer.query(
      `INSERT INTO workflow_inbox (run_id, key, type, received_at, consumed)
       SELECT 'x' || n, 'k', 'workflow.resumed', n, n % 20 > 0 FROM generate_series(1, $1) AS n`,
      [runs],
    );
    await observer.query(
      `INSERT INTO workflow_event (run_id, sequence, type, at)
       SELECT 'x' || n, k, 'step.cancelled', n FROM generate_series(1, $1) AS n, generate_series(1, 5) AS k`,
      [runs],
    );
    await observer.query(
      `INSERT INTO workflow_heartbeat (run_id, id, attempt, worker, until)
       SELECT 'x' || n, 'a#1', 1, 'W', n FROM generate_series(1, $1) AS n`,
      [runs],
    );
    await observer.query('ANALYZE');
  });

  it.each(NAMES)('%s looks its rows up in an index', async (name) => {
    expect(await planOf(statements.get(name) ?? 'missing')).not.toMatch(SLOW);
  });

  it.each([...NAMES, 'due'])('%s is not compiled by PostgreSQL, which takes a thousand times as long', async (name) => {
    expect(await planOf(statements.get(name) ?? 'missing')).not.toContain('JIT');
  });

  it.each([...ALONE, ...TOGETHER])('%s updates runs without a lock before', async (name) => {
    expect(await planOf(statements.get(name) ?? 'missing')).not.toContain('LockRows');
  });

  it.each(TOGETHER)('%s locks the runs in the order of their ids', async (name) => {
    const plan = await planOf(statements.get(name) ?? 'missing');
    const [, held = '', changed = ''] =
      /CTE held(.*?)CTE changed(.*?)Index Scan using workflow_run_pkey/s.exec(plan) ?? [];
    expect(held).toContain('Sort Key: change.run_id');
    expect(changed).toMatch(/Update on workflow_run [^>]*-> {2}Nested Loop [^>]*-> {2}CTE Scan on held [^>]*->\s*$/);
  });

  it.each(['deliver', 'token'])('%s finds the hook by its token', async (name) => {
    const plan = await planOf(statements.get(name) ?? 'missing');
    expect(plan).not.toMatch(/Seq Scan on workflow_/);
    expect(plan).toContain('workflow_hook_token');
  });

  it('due reads the index of alarms, in its order, and that of waiting messages', async () => {
    // While there is next to nothing, everything else is as fast.
    if (runs === 0) return;
    const plan = await planOf(statements.get('due') ?? 'missing');
    expect(plan).toContain('workflow_run_wake');
    expect(plan).toContain('workflow_inbox_waiting');
    expect(plan).not.toMatch(/Seq Scan on workflow_(?!heartbeat)/);
    if (runs > 100) expect(plan).toContain('Index Scan using workflow_run_wake');
  });
});

it.each<[string, Partial<RunFilter>, string]>([
  ['all', {}, 'workflow_run_created'],
  ['live ones', { status: ['running', 'pending'] }, 'workflow_run_live'],
  ['failed ones', { status: ['failed'] }, 'workflow_run_settled'],
  ['those of a workflow', { workflow: 'w' }, 'workflow_run_workflow'],
])('a list of %s reads an index in its order', async (_, filter, index) => {
  const { sql } = listRuns({ limit: 10, ...filter });
  let count = 0;
  const plan = await planOf(sql.replaceAll('?', () => `$${++count}`));
  expect(plan).toContain(index);
});
