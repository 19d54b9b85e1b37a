/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { HistoryEvent, WorkflowStore } from '../core/index.js';
import {
  commitOf,
  completing,
  created,
  delivery,
  given,
  givenHook,
  hold,
  hook,
  message,
  release,
  scheduled,
  started,
  stepCompleted,
  T,
} from './store-contract-makers.js';

const HOSTILE_TEXTS: readonly (readonly [string, string])[] = [
  ['an escaped NUL', JSON.stringify('a\0b')],
  ['an escaped lone surrogate', JSON.stringify('\ud800')],
  ['emoji and combining marks', JSON.stringify('🦄👩‍👩‍👧‍👦 é ﷽ \u202e')],
  ['quotes', `"it's ""quoted"" \\' \\" \`x\`"`],
  ['SQL', `'); DROP TABLE workflow_run; --`],
  ['placeholders', '$1 ? :name @p ${x} %s {0} \\x00'],
  ['line ends', 'a\r\nb\nc\rd\u2028e\te '],
  ['JSON that must not be rewritten', '{"b":1, "a":2,"a":1e400, "__proto__":{"x":1}}'],
  ['nothing', ''],
  ['array literals', '{NULL,"a",{}}'],
  ['a word that may mean nothing', 'null'],
  ['backslashes before letters', String.raw`\b \f \n \r \t \u0041 \\n`],
  // One by one, since each may be written in its own way.
  ...[...'\b\t\n\v\f\r\x1b\x7f'].map((character) => [`the character ${escape(character)}`, `a${character}b`] as const),
  ['1 MiB', JSON.stringify('ü\\"'.repeat(150_000))],
];

function escape(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The last millisecond of the year 9999. */
const FAR = 253_402_300_799_999;

export function describeValues(open: () => WorkflowStore): void {
  describe('text', () => describeText(open));
  describe('ids', () => describeIds(open));
  describe('records', () => describeRecords(open));
}

function describeText(open: () => WorkflowStore): void {
  it.each(HOSTILE_TEXTS)('with %s comes back as it was', async (_, text) => {
    const store = open();
    await given(store, 'r1', { events: [started(text)], opensHooks: [hook('r1', 't')] });
    await store.append(message('r1', 'a', { draft: stepCompleted('x', text) }));
    await store.deliverHook(delivery('t', 'd1', text));
    expect((await store.inbox('r1')).map(({ draft }) => draft)).toMatchObject([{ payload: text }, { payload: text }]);
    const run = { status: 'failed', output: text, error: text, reason: text } as const;
    await store.commit(completing('r1', { events: [scheduled(2, text)], run }));
    expect(await store.events.load('r1', 0, 10)).toEqual([started(text), scheduled(2, text)]);
    expect(await store.runs.get('r1')).toMatchObject(run);
  });
}

function describeIds(open: () => WorkflowStore): void {
  it('of 255 characters are told apart by the last one', async () => {
    const store = open();
    const long = (last: string) => 'x'.repeat(254) + last;
    for (const last of ['a', 'b']) {
      const create = { workflow: long('w'), idempotencyKey: long(last), tags: [long(last)], inputDigest: long(last) };
      await given(store, long(last), {
        create,
        lease: hold(long('o')),
        opensHooks: [hook(long(last), long(last), { id: long('h') })],
      });
      await store.append(message(long(last), long('k')));
      await store.append(message(long(last), long('l')));
      expect(await store.deliverHook(delivery(long(last), long('d')))).toMatchObject({
        runId: long(last),
        owner: long('o'),
      });
      await store.heartbeat([{ runId: long(last), id: long('s'), attempt: 1, worker: long('w'), until: T }]);
    }
    const again = created('new', { create: { workflow: long('w'), idempotencyKey: long('b') } });
    expect(await store.commit(again)).toEqual({ type: 'duplicate', runId: long('b'), inputDigest: long('b') });
    expect((await store.runs.list({ limit: 9, tags: [long('a')] })).runs).toMatchObject([{ runId: long('a') }]);
    expect((await store.inbox(long('a'))).map(({ key }) => key)).toEqual([long('k'), long('l'), `hook:${long('h')}`]);
  });

  it('are told apart by case, accents and trailing spaces', async () => {
    const store = open();
    const ids = ['run', 'RUN', 'rün', 'run '];
    for (const id of ids) {
      const idempotencyKey = `key ${id}`;
      expect(await store.commit(created(id, { create: { idempotencyKey } }))).toEqual({
        type: 'committed',
        released: false,
      });
    }
    for (const id of ids) expect(await store.append(message('run', id))).toMatchObject({ type: 'appended' });
    expect((await store.inbox('run')).map(({ key }) => key)).toEqual(ids);
    expect(await store.inbox('RUN')).toEqual([]);
  });

  it('may hold quotes, SQL and emoji', async () => {
    const store = open();
    const id = `'); DROP TABLE workflow_run; -- "🦄" \\ $1 ? {}`;
    await givenHook(store, id, hook(id, id, { id }));
    await store.append(message(id, id));
    await store.deliverHook(delivery(id, id));
    expect(await store.hooks.findByToken(id)).toMatchObject({ runId: id, id });
    expect((await store.inbox(id)).map(({ key }) => key)).toEqual([id, `hook:${id}`]);
    expect(await store.commit(commitOf(id, 1, { consumes: [id, `hook:${id}`], lease: release() }))).toMatchObject({
      released: true,
    });
    expect(await store.claim({ runId: id, owner: id, now: T, until: T })).toMatchObject({
      run: { runId: id, owner: id },
    });
  });
}

const EVERY_EVENT: readonly HistoryEvent[] = (
  [
    { type: 'workflow.started', payload: '[]', attributes: { workflow: 'o', version: 2, seed: 's', deadline: FAR } },
    { type: 'step.scheduled', id: 'a#1', payload: '[]' },
    { type: 'step.cancelled', id: 'a#1' },
    { type: 'sleep.started', id: 'sleep#1', attributes: { fireAt: FAR } },
    { type: 'sleep.cancelled', id: 'sleep#1' },
    { type: 'hook.created', id: 'h#1', attributes: { token: 't', expiresAt: FAR, multiple: true } },
    { type: 'hook.closed', id: 'h#1' },
    { type: 'side_effect.recorded', id: 'now#1', payload: '1' },
    { type: 'step.completed', id: 'a#1', payload: '1', attributes: { attempt: 1 } },
    { type: 'step.failed', id: 'a#1', payload: '1', attributes: { attempt: 1 } },
    { type: 'sleep.completed', id: 'sleep#1' },
    { type: 'hook.received', id: 'h#1', payload: '1' },
    { type: 'hook.expired', id: 'h#1' },
    { type: 'hook.conflicted', id: 'h#1' },
    { type: 'workflow.cancel_requested' },
    { type: 'workflow.timed_out' },
    { type: 'step.retrying', id: 'a#1', payload: '1', attributes: { attempt: 1, retryAt: FAR } },
    { type: 'step.lost', id: 'a#1', attributes: { attempt: 1 } },
    { type: 'step.exhausted', id: 'a#1', payload: '1', attributes: { attempt: 1 } },
    { type: 'workflow.blocked', attributes: { reason: 'why' } },
    { type: 'workflow.paused', attributes: { reason: 'why' } },
    { type: 'workflow.resumed' },
    { type: 'workflow.completed', payload: '1' },
    { type: 'workflow.failed', payload: '1' },
    { type: 'workflow.cancelled', payload: '1' },
  ] as const
).map((draft, index) => ({ ...draft, sequence: index + 1, at: T + index }));

function describeRecords(open: () => WorkflowStore): void {
  it('of every type of event come back as they were', async () => {
    const store = open();
    await given(store, 'r1', { events: EVERY_EVENT });
    expect(await store.events.load('r1', 0, 100)).toStrictEqual(EVERY_EVENT);
  });

  it('have times that are whole numbers, however far', async () => {
    const store = open();
    const opened = hook('r1', 't', { createdAt: FAR - 2, expiresAt: FAR - 1 });
    await given(store, 'r1', {
      create: { createdAt: FAR - 3 },
      run: { updatedAt: FAR - 4 },
      lease: hold('A', FAR),
      opensHooks: [opened],
    });
    await given(store, 'r2', { run: { status: 'failed', endedAt: FAR } });
    const beat = { runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: FAR };
    await store.heartbeat([beat]);
    await store.append(message('r1', 'a', { receivedAt: FAR }));
    const times = { createdAt: FAR - 3, updatedAt: FAR - 4, leaseUntil: FAR, wakeAt: FAR };
    expect(await store.runs.get('r1')).toMatchObject({
      ...times,
      sequence: 1,
      version: 1,
      fence: 1,
      recoveryAttempts: 0,
    });
    expect(await store.runs.get('r2')).toMatchObject({ endedAt: FAR });
    expect(await store.hooks.list('r1')).toStrictEqual([opened]);
    expect(await store.heartbeats('r1')).toStrictEqual([beat]);
    expect(await store.inbox('r1')).toMatchObject([{ receivedAt: FAR }]);
    expect(await store.due(FAR, 10)).toStrictEqual([{ runId: 'r1', at: FAR, suspect: true }]);
  });

  it('belong to the store: changing what went in or came out changes nothing', async () => {
    const store = open();
    const tags = ['eu'];
    const events = [started()];
    const opened = { ...hook('r1', 't') };
    await given(store, 'r1', { create: { tags }, events, opensHooks: [opened] });
    tags.push('later');
    events.push(scheduled(2));
    Reflect.set(opened, 'status', 'closed');
    const run = await store.runs.get('r1');
    const [event] = await store.events.load('r1', 0, 1);
    for (const record of [run, event]) Reflect.set(record ?? {}, 'type', 'changed');
    Reflect.set(run?.tags ?? [], '0', 'changed');
    expect(await store.runs.get('r1')).toMatchObject({ tags: ['eu'], status: 'running' });
    expect(await store.events.load('r1', 0, 10)).toEqual([started()]);
    expect(await store.hooks.findByToken('t')).toMatchObject({ status: 'open' });
  });
}
