import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunFilter, StoreWriteError } from '../../core/index.js';
import { committing, created, T } from '../../../test/commits.spec-helpers.js';
import * as reading from '../reading-sql.js';
import { listRuns } from '../run-list.js';
import { removeDatabase } from '../sqlite.spec-helpers.js';
import { TypeOrmStore } from '../typeorm.store.js';

let path: string;
let store: TypeOrmStore;

beforeEach(async () => {
  path = join(tmpdir(), `${randomUUID()}.sqlite`);
  store = new TypeOrmStore({ type: 'sqlite', path });
  await store.open();
});

afterEach(async () => {
  await store.close();
  await removeDatabase(path);
});

const runIds = Array.from({ length: 100 }, (_, index) => `r${index}`);

describe('group commit', () => {
  it('writes 100 concurrent commits in one transaction', async () => {
    const before = store.statistics;
    await Promise.all(runIds.map((runId) => store.commit(created(runId))));
    expect(store.statistics).toEqual({ transactions: before.transactions + 1, commits: before.commits + 100 });
  });

  it('writes 100 runs that go on at their own pace in a few transactions per step', async () => {
    const before = store.statistics.transactions;
    const run = async (runId: string, hops: number): Promise<void> => {
      await store.commit(created(runId));
      for (let base = 1; base <= 10; base++) {
        for (let hop = 0; hop < hops; hop++) await undefined;
        await store.commit(committing(runId, base));
      }
    };
    await Promise.all(runIds.map((runId, index) => run(runId, index % 7)));
    expect(store.statistics.transactions - before).toBeLessThanOrEqual(11);
  });

  it('takes commits, messages, claims and beats together', async () => {
    await store.commit(created('r1', { lease: { type: 'release', owner: 'A', until: T } }));
    const before = store.statistics.transactions;
    await Promise.all([
      store.commit(created('r2')),
      store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T }),
      store.claim({ runId: 'r1', owner: 'A', now: T, until: T + 1 }),
      store.heartbeat([{ runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T }]),
    ]);
    expect(store.statistics.transactions).toBe(before + 1);
    expect(await store.inbox('r1')).toHaveLength(1);
  });
});

describe('a commit that cannot be written', () => {
  const twice = committing('bad', 1, {
    events: [2, 2].map((sequence) => ({ sequence, type: 'step.cancelled', at: T, id: 'a#1' })),
    opensHooks: [{ runId: 'bad', id: 'h#1', token: 't', status: 'open', multiple: false, createdAt: T }],
  });
  const withNul = committing('bad', 1, {
    events: [{ sequence: 2, type: 'step.scheduled', at: T, id: 'a#1', payload: 'a\0b' }],
  });

  it.each([
    ['because of the database', twice, 'UNIQUE'],
    ['because of its text', withNul, 'NUL'],
  ])('%s fails alone and whole', async (_, bad, reason) => {
    for (const runId of ['bad', 'r1', 'r2']) await store.commit(created(runId));
    const before = await store.runs.get('bad');
    const commits = [committing('r1', 1), bad, committing('r2', 1)].map((commit) => store.commit(commit));
    const results = await Promise.allSettled(commits);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: expect.stringContaining(reason) } });
    expect(await store.runs.get('bad')).toEqual(before);
    expect(await store.events.load('bad', 1, 10)).toEqual([]);
    expect(await store.hooks.list('bad')).toEqual([]);
    expect(await store.commit(committing('bad', 1))).toMatchObject({ type: 'committed' });
  });

  it('because the disk is full fails, and others go on as soon as there is room', async () => {
    await store.commit(created('r1'));
    const [{ page_count: pages }] = await store.dataSource.query('PRAGMA page_count');
    await store.dataSource.query(`PRAGMA max_page_count = ${pages + 2}`);
    const big = committing('r1', 1, {
      events: [{ sequence: 2, type: 'step.scheduled', at: T, id: 'a#1', payload: 'x'.repeat(1_000_000) }],
    });
    const error: unknown = await store.commit(big).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreWriteError);
    expect(error).toMatchObject({
      path,
      cause: { code: 'SQLITE_FULL' },
      message: expect.stringMatching(/could not write .*full\. .*Make room on the disk/),
    });
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 1 });
    await store.dataSource.query('PRAGMA max_page_count = 100000');
    expect(await store.commit(big)).toMatchObject({ type: 'committed' });
  });
});

it('says that a database which has become read-only cannot be written, and writes again when it can be', async () => {
  await store.dataSource.query('PRAGMA query_only = ON');
  const error: unknown = await store.commit(created('r1')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreWriteError);
  expect(error).toMatchObject({ cause: { code: 'SQLITE_READONLY' }, message: expect.stringContaining(path) });
  expect(await store.runs.get('r1')).toBeUndefined();
  await store.dataSource.query('PRAGMA query_only = OFF');
  expect(await store.commit(created('r1'))).toMatchObject({ type: 'committed' });
});

describe('reading does not get slower with the number of runs', () => {
  async function planOf(sql: string, parameters: readonly unknown[]): Promise<string> {
    const rows: { detail: string }[] = await store.dataSource.query(`EXPLAIN QUERY PLAN ${sql}`, [...parameters]);
    return rows.map(({ detail }) => detail).join('\n');
  }

  const { heartbeatsOf, findRuns, findInboxes, ...fixed } = reading;
  const ofTwo = {
    heartbeatsOf: heartbeatsOf(2),
    findRuns: findRuns('?, ?'),
    findInboxes: findInboxes('?, ?'),
  };

  it.each(Object.entries({ ...fixed, ...ofTwo }))('%s has an index for each table', async (_, sql) => {
    const plan = await planOf(sql, Array(sql.split('?').length - 1).fill(1));
    expect(plan).not.toMatch(/SCAN (workflow_\w+|run|message|tagged)\b(?! USING INDEX)/);
  });

  it.each<[string, Partial<RunFilter>, string]>([
    ['all', {}, 'SCAN run USING INDEX workflow_run_created'],
    ['live ones', { status: ['running', 'pending'] }, 'SCAN run USING INDEX workflow_run_live'],
    ['failed ones', { status: ['failed'] }, 'SEARCH run USING INDEX workflow_run_settled (status=?)'],
    ['those of a workflow', { workflow: 'w' }, 'SEARCH run USING INDEX workflow_run_workflow (workflow=?)'],
    ['those with a tag', { tags: ['a'] }, 'SEARCH tagged USING COVERING INDEX'],
  ])('a list of %s reads an index in its order', async (_, filter, expected) => {
    const { sql, parameters } = listRuns({ limit: 10, ...filter });
    const plan = await planOf(sql, parameters);
    expect(plan).toContain(expected);
    expect(plan).not.toContain('TEMP B-TREE');
  });

  it('a list of several statuses sorts no more than a page of each', async () => {
    const { sql, parameters } = listRuns({ limit: 10, status: ['failed', 'running', 'paused', 'failed'] });
    const plan = await planOf(sql, parameters);
    expect(plan.match(/SEARCH run USING INDEX workflow_run_settled/g)).toHaveLength(2);
    expect(plan).toContain('SCAN run USING INDEX workflow_run_live');
    expect(parameters.filter((value) => value === 11)).toHaveLength(4);
  });
});
