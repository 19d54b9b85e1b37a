/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { WorkflowStore } from '../core/index.js';
import {
  commitOf,
  committed,
  completing,
  delivery,
  given,
  givenHook,
  givenReleased,
  hook,
  hookStatuses,
  keysOf,
  release,
  T,
  UNTIL,
} from './store-contract-makers.js';
import { describeTokens } from './store-contract-tokens.js';

const MULTIPLE = { multiple: true } as const;
const APPROVAL = { runId: 'r1', hookId: 'approval#1' };

export function describeHooks(open: () => WorkflowStore): void {
  describe('hooks', () => describeRecords(open));
  describe('a hook of one payload', () => describeSingle(open));
  describe('a hook of many payloads', () => describeMultiple(open));
  describe('a hook token', () => describeTokens(open));
  describe('a hook that expires', () => describeExpiry(open));
}

function describeRecords(open: () => WorkflowStore): void {
  it('are listed in the order of creation and found by token', async () => {
    const store = open();
    const hooks = [
      hook('r1', 't1', { id: 'z#1' }),
      hook('r1', 't2', { id: 'a#1', ...MULTIPLE, createdAt: T + 1, expiresAt: UNTIL, defined: true }),
    ];
    await given(store, 'r1', { opensHooks: hooks });
    const later = hook('r1', 't3', { id: 'b#1', createdAt: T + 2 });
    await store.commit(commitOf('r1', 1, { opensHooks: [later] }));
    expect(await store.hooks.list('r1')).toEqual([...hooks, later]);
    expect(await store.hooks.findByToken('t2')).toEqual(hooks[1]);
  });

  it('of an unknown run or token are none', async () => {
    expect(await open().hooks.list('nobody')).toEqual([]);
    expect(await open().hooks.findByToken('nothing')).toBeUndefined();
  });

  it('close when their run says so, by their own id only', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't1'), hook('r1', 't2', { id: 'b#1' }));
    await givenHook(store, 'r2', hook('r2', 't3'));
    await store.commit(commitOf('r1', 1, { closesHooks: ['approval#1', 'never opened#1'] }));
    expect(await hookStatuses(store, 'r1')).toEqual(['closed', 'open']);
    expect(await hookStatuses(store, 'r2')).toEqual(['open']);
  });

  it('may be opened and closed by one commit', async () => {
    const store = open();
    await given(store, 'r1', { opensHooks: [hook('r1', 't', { status: 'closed' })] });
    expect(await hookStatuses(store, 'r1')).toEqual(['closed']);
  });

  it('may take the token of a hook that the same commit closes', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    const next = hook('r1', 't', { id: 'approval#2' });
    expect(await store.commit(commitOf('r1', 1, { opensHooks: [next], closesHooks: ['approval#1'] }))).toEqual(
      committed(),
    );
    expect(await hookStatuses(store, 'r1')).toEqual(['closed', 'open']);
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'delivered', hookId: 'approval#2' });
  });

  it('refuse what was held to no definition if they have one, and stay open', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', { defined: true }), hook('r1', 'plain', { id: 'b#1' }));
    const unlessDefined = true;
    expect(await store.deliverHook({ ...delivery('t'), unlessDefined })).toEqual({ type: 'defined', ...APPROVAL });
    expect(await hookStatuses(store, 'r1')).toEqual(['open', 'open']);
    expect(await store.inbox('r1')).toEqual([]);
    expect(await store.deliverHook({ ...delivery('plain'), unlessDefined })).toMatchObject({ type: 'delivered' });
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'delivered' });
  });

  it('stay defined whatever becomes of them', async () => {
    const store = open();
    const defined = (id: string) => hook('r1', `t-${id}`, { id, defined: true });
    await givenHook(store, 'r1', defined('a#1'), defined('b#1'), defined('c#1'), hook('r1', 't', { id: 'd#1' }));
    await store.deliverHook(delivery('t-a#1'));
    await store.commit(commitOf('r1', 1, { closesHooks: ['b#1'], expiresHooks: ['c#1'] }));
    expect((await store.hooks.list('r1')).map(({ status, defined: isDefined }) => [status, isDefined])).toEqual([
      ['received', true],
      ['closed', true],
      ['expired', true],
      ['open', undefined],
    ]);
  });

  it('stay received when they are closed later', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await store.deliverHook(delivery('t'));
    expect(await store.commit(commitOf('r1', 1, { closesHooks: ['approval#1'] }))).toEqual(committed());
    expect(await hookStatuses(store, 'r1')).toEqual(['received']);
  });
}

function describeSingle(open: () => WorkflowStore): void {
  it('is settled by its payload, which goes to the inbox', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'delivered', ...APPROVAL, owner: 'A' });
    expect(await hookStatuses(store, 'r1')).toEqual(['received']);
    const draft = { type: 'hook.received', id: 'approval#1', payload: '"yes"' };
    expect(await store.inbox('r1')).toEqual([{ runId: 'r1', key: 'hook:approval#1', draft, receivedAt: T }]);
  });

  it('of a run that nobody holds is delivered without an owner', async () => {
    const store = open();
    await given(store, 'r1', { opensHooks: [hook('r1', 't')], run: { status: 'paused' }, lease: release() });
    expect(await store.deliverHook(delivery('t'))).toEqual({ type: 'delivered', ...APPROVAL });
  });

  it('is used for whoever comes second', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await store.deliverHook(delivery('t'));
    expect(await store.deliverHook(delivery('t', 'd2', '"no"'))).toEqual({ type: 'used', ...APPROVAL });
    expect((await store.inbox('r1')).map(({ draft }) => draft)).toMatchObject([{ payload: '"yes"' }]);
  });

  it('knows a delivery that is sent again, before and after it was consumed', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await store.deliverHook(delivery('t'));
    const duplicate = { type: 'duplicate', ...APPROVAL, owner: 'A' };
    expect(await store.deliverHook(delivery('t'))).toEqual(duplicate);
    await store.commit(commitOf('r1', 1, { consumes: ['hook:approval#1'] }));
    expect(await store.deliverHook(delivery('t'))).toEqual(duplicate);
    expect(await store.deliverHook(delivery('t', 'd2'))).toEqual({ type: 'used', ...APPROVAL });
    expect(await store.inbox('r1')).toEqual([]);
  });

  it('of an unknown token takes nothing', async () => {
    expect(await open().deliverHook(delivery('nothing'))).toEqual({ type: 'unknown' });
  });

  it('that its run has closed takes nothing', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await store.commit(commitOf('r1', 1, { closesHooks: ['approval#1'] }));
    expect(await store.deliverHook(delivery('t'))).toEqual({ type: 'closed', ...APPROVAL });
    expect(await store.inbox('r1')).toEqual([]);
  });

  it('of a run that has ended takes nothing', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await store.commit(completing('r1'));
    expect(await store.deliverHook(delivery('t'))).toEqual({ type: 'closed', ...APPROVAL });
    expect(await store.inbox('r1')).toEqual([]);
  });
}

function describeMultiple(open: () => WorkflowStore): void {
  it('stays open, and puts each payload into the inbox', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', MULTIPLE));
    for (const id of ['d2', 'd1']) {
      expect(await store.deliverHook(delivery('t', id))).toMatchObject({ type: 'delivered', ...APPROVAL, owner: 'A' });
    }
    expect(await hookStatuses(store, 'r1')).toEqual(['open']);
    expect(await keysOf(store, 'r1')).toEqual(['hook:approval#1:d2', 'hook:approval#1:d1']);
  });

  it('knows a delivery that is sent again, before and after it was consumed', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', MULTIPLE));
    await store.deliverHook(delivery('t'));
    const duplicate = { type: 'duplicate', ...APPROVAL, owner: 'A' };
    expect(await store.deliverHook(delivery('t'))).toEqual(duplicate);
    await store.commit(commitOf('r1', 1, { consumes: ['hook:approval#1:d1'] }));
    expect(await store.deliverHook(delivery('t'))).toEqual(duplicate);
    expect(await store.inbox('r1')).toEqual([]);
  });

  it('takes nothing new once it is closed, and knows what it took', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', MULTIPLE));
    await store.deliverHook(delivery('t'));
    await store.commit(commitOf('r1', 1, { closesHooks: ['approval#1'] }));
    expect(await store.deliverHook(delivery('t', 'd2'))).toEqual({ type: 'closed', ...APPROVAL });
    expect(await store.deliverHook(delivery('t', 'd1'))).toMatchObject({ type: 'duplicate' });
    expect(await keysOf(store, 'r1')).toEqual(['hook:approval#1:d1']);
  });
}

function describeExpiry(open: () => WorkflowStore): void {
  const expiring = commitOf('r1', 1, { expiresHooks: ['approval#1'] });
  const settled = { type: 'hook_settled', hookId: 'approval#1' };

  it('takes nothing from then on', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', { expiresAt: T }));
    await givenHook(store, 'r2', hook('r2', 'other'));
    expect(await store.commit(expiring)).toEqual(committed());
    expect(await hookStatuses(store, 'r1')).toEqual(['expired']);
    expect(await hookStatuses(store, 'r2')).toEqual(['open']);
    expect(await store.deliverHook(delivery('t'))).toEqual({ type: 'expired', ...APPROVAL });
  });

  it('takes a payload after its time, as long as no commit has said so', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't', { expiresAt: T - 60_000 }));
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'delivered' });
  });

  it('refuses the commit if a payload came first, and the commit writes nothing', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'), hook('r1', 't2', { id: 'b#1' }));
    await store.deliverHook(delivery('t'));
    const commit = { ...expiring, expiresHooks: ['b#1', 'approval#1'], consumes: ['hook:approval#1'] };
    expect(await store.commit(commit)).toEqual(settled);
    expect(await hookStatuses(store, 'r1')).toEqual(['received', 'open']);
    expect(await keysOf(store, 'r1')).toEqual(['hook:approval#1']);
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 1 });
  });

  it('refuses the commit if it was closed before, or never was', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await givenHook(store, 'r2', hook('r2', 't2', { id: 'of r2#1' }));
    await store.commit(commitOf('r1', 1, { closesHooks: ['approval#1'] }));
    expect(await store.commit(commitOf('r1', 2, { expiresHooks: ['approval#1'] }))).toEqual(settled);
    const foreign = commitOf('r1', 2, { expiresHooks: ['of r2#1'] });
    expect(await store.commit(foreign)).toEqual({ type: 'hook_settled', hookId: 'of r2#1' });
    expect(await hookStatuses(store, 'r2')).toEqual(['open']);
  });

  it('leaves a hook of another run alone that has the same id', async () => {
    const store = open();
    await givenReleased(store, 'r2', 'suspended');
    await givenHook(store, 'r1', hook('r1', 't'));
    await givenHook(store, 'r3', hook('r3', 't3'));
    await store.commit(expiring);
    expect(await hookStatuses(store, 'r3')).toEqual(['open']);
  });
}
