import type { SqlReader } from './backend.js';
import { GatheredRead } from './gathered-read.js';

interface Row {
  readonly run_id: string;
  readonly n: number;
}

interface Statement {
  readonly sql: string;
  readonly runIds: readonly unknown[];
  answer(rows: readonly Row[]): void;
  fail(error: Error): void;
}

let statements: Statement[];
let read: GatheredRead<Row, readonly Row[]>;

const all = (rows: readonly Row[]): readonly Row[] => rows;

const reader: SqlReader = {
  query: (sql, runIds = []) =>
    new Promise((resolve, reject) => {
      statements.push({ sql, runIds, answer: (rows) => resolve(rows as never), fail: reject });
    }),
};

beforeEach(() => {
  statements = [];
  read = new GatheredRead(reader, (list) => `IN (${list})`, all);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('reads what is asked for in one turn with one statement, each run once', async () => {
  const asked = ['a', 'b', 'a', 'c'].map((runId) => read.of(runId));
  await turn();
  expect(statements).toMatchObject([{ sql: 'IN (?, ?, ?, ?)', runIds: ['a', 'b', 'c', 'a'] }]);
  const [a1, b, a2] = [1, 2, 3].map((n) => ({ run_id: n === 2 ? 'b' : 'a', n }));
  statements[0]!.answer([a1!, b!, a2!]);
  expect(await Promise.all(asked)).toEqual([[a1, a2], [b], [a1, a2], []]);
});

it('gathers what is asked for while two statements are under way', async () => {
  const asked: Promise<readonly Row[]>[] = [];
  for (const runId of ['a', 'b', 'c', 'd']) {
    asked.push(read.of(runId));
    await turn();
  }
  expect(statements.map(({ runIds }) => runIds)).toEqual([['a'], ['b']]);
  statements[0]!.answer([]);
  await turn();
  await turn();
  expect(statements.map(({ runIds }) => runIds)).toEqual([['a'], ['b'], ['c', 'd']]);
  for (const statement of statements) statement.answer([]);
  expect(await Promise.all(asked)).toEqual([[], [], [], []]);
});

it('fails only the run that cannot be read', async () => {
  const asked = Promise.allSettled(['a', 'bad'].map((runId) => read.of(runId)));
  await turn();
  statements[0]!.fail(new Error('one of them'));
  await turn();
  expect(statements.slice(1).map(({ runIds }) => runIds)).toEqual([['a'], ['bad']]);
  statements[1]!.answer([{ run_id: 'a', n: 1 }]);
  statements[2]!.fail(new Error('bad'));
  expect(await asked).toMatchObject([
    { status: 'fulfilled', value: [{ n: 1 }] },
    { status: 'rejected', reason: { message: 'bad' } },
  ]);
});

it('fails only the run whose rows make no sense', async () => {
  const careful = new GatheredRead(
    reader,
    (list) => `IN (${list})`,
    (rows: readonly Row[]) => {
      if (rows.some(({ n }) => n < 0)) throw new Error('below 0');
      return rows.length;
    },
  );
  const asked = Promise.allSettled(['a', 'bad', 'b'].map((runId) => careful.of(runId)));
  for (let answered = 0; answered < 4; answered++) {
    await turn();
    const { runIds, answer } = statements[answered]!;
    answer([...new Set(runIds)].map((runId) => ({ run_id: String(runId), n: runId === 'bad' ? -1 : 1 })));
  }
  expect(await asked).toMatchObject([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: { message: 'below 0' } },
    { status: 'fulfilled', value: 1 },
  ]);
});

it('gives the statement what it needs beside the runs', async () => {
  const limited = new GatheredRead(reader, (list) => `IN (${list}) AND n <= ?`, all, [7]);
  const asked = ['a', 'b'].map((runId) => limited.of(runId));
  await turn();
  expect(statements).toMatchObject([{ sql: 'IN (?, ?) AND n <= ?', runIds: ['a', 'b', 7] }]);
  statements[0]!.answer([]);
  await Promise.all(asked);
});
