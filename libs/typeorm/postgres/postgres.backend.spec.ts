import { createPostgresDatabase } from '../../../test/services/index.js';
import { type Commit, InvalidInputError } from '../../core/index.js';
import { committing, created, T } from '../../../test/commits.spec-helpers.js';
import { TypeOrmStore } from '../typeorm.store.js';
import { Observer } from './postgres.spec-helpers.js';

let url: string;
let store: TypeOrmStore;
let observer: Observer;

beforeAll(async () => {
  url = await createPostgresDatabase();
  observer = await Observer.connect(url);
});

afterAll(() => observer.end());

beforeEach(async () => {
  store = new TypeOrmStore({ type: 'postgres', url });
  await store.open();
  for (const table of ['run', 'run_tag', 'event', 'inbox', 'hook', 'heartbeat', 'process']) {
    await observer.query(`DELETE FROM workflow_${table}`);
  }
});

afterEach(() => store.close());

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`);
const completing = (runId: string, base: number): Commit =>
  committing(runId, base, { run: { status: 'completed', updatedAt: T, endedAt: T, recoveryAttempts: 0 } });

async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const before = store.statistics.statements ?? 0;
  await work();
  return (store.statistics.statements ?? 0) - before;
}

const commitAll = (commits: readonly Commit[]) => Promise.all(commits.map((commit) => store.commit(commit)));

describe('group commit', () => {
  it.each([
    [63, 1],
    [64, 2],
    [500, 2],
  ])('writes %i runs of three steps in %i statements for each step', async (runs, statements) => {
    const ids = idsOf(runs);
    expect(await statementsOf(() => commitAll(ids.map((runId) => created(runId))))).toBe(statements);
    expect(await statementsOf(() => commitAll(ids.map((runId) => committing(runId, 1))))).toBe(statements);
    expect(await statementsOf(() => commitAll(ids.map((runId) => committing(runId, 2))))).toBe(statements);
    expect(await statementsOf(() => commitAll(ids.map((runId) => completing(runId, 3))))).toBe(statements);
    const [row] = await observer.query<{ events: number }>('SELECT COUNT(*)::integer AS events FROM workflow_event');
    expect(row?.events).toBe(4 * runs);
    expect((await store.runs.list({ limit: 1_000, status: ['completed'] })).runs).toHaveLength(runs);
  });

  it('writes a mixture of creations, holds, releases and ends in one statement', async () => {
    await commitAll(idsOf(45).map((runId) => created(runId)));
    for (const runId of ['r15', 'r16']) {
      await store.append({ runId, key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
    }
    const commits = idsOf(60).map((runId, index) => {
      if (index >= 45) return created(runId);
      if (index < 15) return committing(runId, 1);
      if (index >= 30) return completing(runId, 1);
      const lease = { type: 'release', owner: 'A', until: T } as const;
      return committing(runId, 1, { lease, consumes: runId === 'r15' ? ['a'] : [] });
    });
    let results: readonly object[] = [];
    expect(await statementsOf(async () => (results = await commitAll(commits)))).toBe(1);
    expect(results[15]).toEqual({ type: 'committed', released: true });
    expect(results[16]).toEqual({ type: 'committed', released: false });
    expect(results[30]).toEqual({ type: 'committed', released: true });
    expect(results[50]).toEqual({ type: 'committed', released: false });
  });

  it('writes 50 commits with hooks in one transaction of a few statements', async () => {
    const commits = idsOf(50).map((runId) =>
      created(runId, {
        opensHooks: [{ runId, id: 'h#1', token: runId, status: 'open', multiple: false, createdAt: T }],
      }),
    );
    expect(await statementsOf(() => commitAll(commits))).toBeLessThanOrEqual(6);
  });

  it('takes 100 messages in one statement', async () => {
    await store.commit(created('r1'));
    const append = (key: string) =>
      store.append({ runId: 'r1', key, draft: { type: 'workflow.resumed' }, receivedAt: T });
    expect(await statementsOf(() => Promise.all(idsOf(100).map(append)))).toBe(1);
    expect((await store.inbox('r1')).map(({ key }) => key)).toEqual(idsOf(100));
  });

  it('writes a lone commit at once, and nothing while it is idle', async () => {
    expect(await statementsOf(() => store.commit(created('r1')))).toBe(1);
    expect(await statementsOf(() => new Promise((resolve) => setTimeout(resolve, 300)))).toBe(0);
  });

  it('is free of copies in indexes while runs are held', async () => {
    await store.commit(created('r1'));
    for (let base = 1; base <= 20; base++) {
      await store.commit(committing('r1', base, { lease: { type: 'hold', owner: 'A', until: T + 15_000 + base } }));
    }
    await store.renew([{ runId: 'r1', owner: 'A', fence: 1 }], T + 15_100);
    expect(await store.runs.get('r1')).toMatchObject({ leaseUntil: T + 15_100, wakeAt: T + 15_100 });
    const alarms = await observer.query<{ wake_at: string }>('SELECT wake_at FROM workflow_run');
    expect(Number(alarms[0]?.wake_at)).toBeLessThanOrEqual(T + 15_100);
    expect(await store.due(T + 15_099, 10)).toEqual([]);
    expect(await store.due(T + 15_100, 10)).toEqual([{ runId: 'r1', at: T + 15_100, suspect: true }]);
  });
});

describe('a heartbeat', () => {
  it('does not wait for the disk, unlike all that follows on its connection', async () => {
    const single = new TypeOrmStore({ type: 'postgres', url, poolSize: 1 });
    await observer.query('CREATE TABLE waits (place text, setting text)');
    await observer.query(`CREATE FUNCTION note_wait() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO waits VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$`);
    for (const table of ['run', 'heartbeat'])
      await observer.query(
        `CREATE TRIGGER note_wait AFTER INSERT OR UPDATE ON workflow_${table} FOR EACH ROW EXECUTE FUNCTION note_wait()`,
      );
    try {
      await single.open();
      await single.commit(created('r1'));
      const beat = { runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T };
      expect(await single.heartbeat([{ ...beat, begins: true }])).toEqual([]);
      expect(await single.heartbeat([{ ...beat, until: T + 1 }])).toEqual([]);
      await single.commit(committing('r1', 1));
      expect(await observer.query('SELECT place, setting FROM waits')).toEqual([
        { place: 'workflow_run', setting: 'on' },
        { place: 'workflow_heartbeat', setting: 'off' },
        { place: 'workflow_heartbeat', setting: 'off' },
        { place: 'workflow_run', setting: 'on' },
      ]);
    } finally {
      await single.close();
      await observer.query('DROP FUNCTION note_wait CASCADE');
      await observer.query('DROP TABLE waits');
    }
  });
});

describe('a batch with bad members', () => {
  it('of 50: a stale one, one whose token is taken and one that the database refuses fail alone', async () => {
    const hook = { id: 'h#1', token: 't', status: 'open', multiple: false, createdAt: T } as const;
    await store.commit(created('holder', { opensHooks: [{ ...hook, runId: 'holder' }] }));
    await commitAll(idsOf(50).map((runId) => created(runId)));
    const commits = idsOf(50).map((runId) => committing(runId, 1));
    commits[7] = committing('r7', 1, { fence: 9 });
    commits[8] = committing('r8', 1, { opensHooks: [{ ...hook, runId: 'r8' }] });
    const twice = [2, 2].map((sequence) => ({ sequence, type: 'step.cancelled', at: T, id: 'a#1' }) as const);
    commits[9] = committing('r9', 1, { events: twice });
    const results = await Promise.allSettled(commits.map((commit) => store.commit(commit)));
    expect(results[7]).toMatchObject({ value: { type: 'fenced' } });
    expect(results[8]).toMatchObject({ value: { type: 'token_taken', hookId: 'h#1' } });
    expect(results[9]).toMatchObject({ status: 'rejected', reason: { code: '23505' } });
    const { runs } = await store.runs.list({ limit: 100 });
    expect(runs.filter(({ sequence }) => sequence === 2)).toHaveLength(47);
    expect(await store.events.load('r9', 0, 10)).toHaveLength(1);
    expect(await store.commit(committing('r9', 1))).toMatchObject({ type: 'committed' });
  });

  it('takes the runs that are claimed in one turn, and reads what they need, with a statement for each kind', async () => {
    const heldByB = { lease: { type: 'hold', owner: 'B', until: T + 15_000 } } as const;
    await commitAll(idsOf(50).map((runId) => created(runId, runId === 'r8' ? heldByB : {})));
    const resumed = { type: 'workflow.resumed' } as const;
    await store.append({ runId: 'r7', key: 'k', draft: resumed, receivedAt: T });
    const before = store.statistics.statements!;
    const ids = [...idsOf(50), 'missing'];
    const claims = ids.map((runId) => store.claim({ runId, owner: 'A', now: T, until: T + 15_000 }));
    const claimed = await Promise.all(claims);
    expect(claimed.filter(Boolean)).toHaveLength(49);
    expect(claimed.map((one) => one?.run.runId)).toEqual(
      ids.map((id) => (id === 'r8' || id === 'missing' ? undefined : id)),
    );
    expect(claimed[7]?.inbox).toMatchObject([{ key: 'k' }]);
    expect(store.statistics.statements! - before).toBe(2);
    const pages = await Promise.all(idsOf(50).map((runId) => store.events.load(runId, 0, 100)));
    expect(pages.map(([event]) => event?.type)).toEqual(idsOf(50).map(() => 'workflow.started'));
    expect(store.statistics.statements! - before).toBe(3);
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('refuses text with %s before the server sees it', async (_, text) => {
    await store.commit(created('r1'));
    const before = store.statistics.statements;
    const event = { sequence: 2, type: 'step.scheduled', at: T, id: 'a#1', payload: text } as const;
    const calls = [
      store.commit(committing('r1', 1, { events: [event] })),
      store.commit(created(text)),
      store.append({ runId: 'r1', key: text, draft: { type: 'workflow.resumed' }, receivedAt: T }),
      store.deliverHook({ token: 't', payload: text, deliveryId: 'd', receivedAt: T }),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(InvalidInputError) });
    }
    expect(store.statistics.statements).toBe(before);
  });
});

describe('several stores on one database', () => {
  const others: TypeOrmStore[] = [];

  beforeEach(async () => {
    for (let count = 0; count < 3; count++) others.push(new TypeOrmStore({ type: 'postgres', url, poolSize: 4 }));
    await Promise.all(others.map((other) => other.open()));
  });

  afterEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.close()));
  });

  it('do not claim to be alone', () => expect(store.exclusive).toBe(false));

  it('deliver to a hook once, however many try', async () => {
    const hook = { runId: 'r1', id: 'h#1', token: 't', status: 'open', multiple: false, createdAt: T } as const;
    await store.commit(created('r1', { opensHooks: [hook] }));
    const deliveries = idsOf(51).map((deliveryId, index) =>
      others[index % 3]!.deliverHook({ token: 't', payload: '1', deliveryId, receivedAt: T }),
    );
    const types = (await Promise.all(deliveries)).map(({ type }) => type).sort();
    expect(types).toEqual(['delivered', ...Array(50).fill('used')]);
    expect(await store.inbox('r1')).toHaveLength(1);
  });

  it('start one run for one key, and give one holder to each run', async () => {
    const starts = others.flatMap((other, index) =>
      idsOf(30).map((runId) =>
        other.commit(
          created(`${index}${runId}`, {
            create: { workflow: 'w', version: 1, tags: [], createdAt: T, idempotencyKey: runId },
            lease: { type: 'release', owner: 'A', until: T },
          }),
        ),
      ),
    );
    const results = await Promise.all(starts);
    expect(results.filter(({ type }) => type === 'committed')).toHaveLength(30);
    const { runs } = await store.runs.list({ limit: 100 });
    const claims = others.flatMap((other, index) =>
      runs.map(({ runId }) => other.claim({ runId, owner: `P${index}`, now: T, until: T + 15_000 })),
    );
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(30);
  });

  it('neither block nor lose each other with renewals, releases, messages and commits of the same runs', async () => {
    const ids = idsOf(40);
    await commitAll(ids.map((runId) => created(runId)));
    const held = ids.map((runId) => ({ runId, owner: 'A', fence: 1 }));
    for (let base = 1; base <= 10; base++) {
      await Promise.all([
        ...ids.map((runId) => store.commit(committing(runId, base))),
        others[0]!.renew([...held].reverse(), T + 20_000),
        others[1]!.heartbeat(ids.map((runId) => ({ runId, id: 'a#1', attempt: 1, worker: 'W', until: T + base }))),
        ...ids.map((runId) =>
          others[2]!.append({ runId, key: `k${base}`, draft: { type: 'workflow.resumed' }, receivedAt: T }),
        ),
      ]);
    }
    const { runs } = await store.runs.list({ limit: 100 });
    expect(runs.map(({ sequence }) => sequence)).toEqual(Array(40).fill(11));
    const stillHeld = await others[1]!.release(held);
    expect([...stillHeld].sort()).toEqual([...ids].sort());
  });

  it('never wait for each other in a circle, in whatever order they name the same runs', async () => {
    await commitAll(['r1', 'r2', 'r3'].map((runId) => created(runId)));
    const writers = [store, others[0]!] as const;
    const statements = (): readonly number[] => writers.map(({ statistics }) => statistics.statements!);
    const before = statements();
    const middle = await Observer.connect(url);
    await middle.query('BEGIN');
    await middle.query(`SELECT FROM workflow_run WHERE run_id = 'r2' FOR UPDATE`);
    const [one, two] = [
      ['r1', 'r2', 'r3'],
      ['r3', 'r2', 'r1'],
    ].map((ids, index) => Promise.all(ids.map((runId) => writers[index]!.commit(committing(runId, 1)))));
    await observer.untilWaiting(2);
    await middle.query('COMMIT');
    await middle.end();
    const types = [...(await one!), ...(await two!)].map(({ type }) => type).sort();
    expect(types).toEqual([...Array(3).fill('committed'), ...Array(3).fill('fenced')]);
    // A deadlock would have had one of them write again.
    expect(statements().map((count, index) => count - before[index]!)).toEqual([1, 1]);
  });

  it('leave nothing of a message that came while its run was ending', async () => {
    const ids = idsOf(60);
    await commitAll(ids.map((runId) => created(runId)));
    await Promise.all(
      ids.flatMap((runId, index) => [
        others[index % 3]!.append({ runId, key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T }),
        store.commit(completing(runId, 1)),
      ]),
    );
    expect(await store.due(T, 100)).toEqual([]);
    expect(await observer.query('SELECT run_id FROM workflow_inbox')).toEqual([]);
  });

  it.each([
    ['outcome', () => store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T })],
    ['heartbeat', () => store.heartbeat([{ runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T + 1 }])],
  ])('leave nothing of an attempt that began while its run was ending, once its next %s has come', async (_, come) => {
    await store.commit(created('r1'));
    await store.commit(completing('r1', 1));
    await observer.query(
      `INSERT INTO workflow_heartbeat (run_id, id, attempt, worker, until) VALUES ('r1', 'a#1', 1, 'W', 0)`,
    );
    await come();
    expect(await observer.query('SELECT run_id FROM workflow_heartbeat')).toEqual([]);
  });

  it('leave nothing of an attempt that began while its run was ending and whose worker died, once that has been silent', async () => {
    await store.commit(created('r1'));
    await store.commit(completing('r1', 1));
    await observer.query(
      `INSERT INTO workflow_heartbeat (run_id, id, attempt, worker, until) VALUES ('r1', 'a#1', 1, 'W', ${T})`,
    );
    const beats = (): Promise<unknown[]> => observer.query('SELECT run_id FROM workflow_heartbeat');
    expect(await store.due(T - 1, 100)).toEqual([]);
    expect(await beats()).toEqual([{ run_id: 'r1' }]);
    expect(await store.due(T, 100)).toEqual([]);
    expect(await beats()).toEqual([]);
  });

  it('do not wait with a message for a transaction that holds the run', async () => {
    await store.commit(created('r1'));
    await observer.query(`BEGIN`);
    await observer.query(`SELECT 1 FROM workflow_run WHERE run_id = 'r1' FOR UPDATE`);
    const appended = store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
    expect(await appended).toEqual({ type: 'appended', owner: 'A' });
    await observer.query(`ROLLBACK`);
  });
});
