/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { WorkflowStore } from '../core/index.js';
import {
  commitOf,
  committed,
  completing,
  created,
  delivery,
  given,
  givenHook,
  hook,
  hookStatuses,
  started,
  T,
} from './store-contract-makers.js';

export function describeTokens(open: () => WorkflowStore): void {
  it('of an open hook is refused to another run, whose commit writes nothing', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await given(store, 'r2');
    const commit = commitOf('r2', 1, {
      opensHooks: [hook('r2', 'free', { id: 'a#1' }), hook('r2', 't', { id: 'b#1' })],
    });
    expect(await store.commit(commit)).toEqual({ type: 'token_taken', hookId: 'b#1' });
    expect(await store.hooks.list('r2')).toEqual([]);
    expect(await store.events.load('r2', 0, 10)).toEqual([started()]);
    expect(await store.commit(commitOf('r2', 1))).toEqual(committed());
  });

  it('of an open hook is refused to a new run, which is not created', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    const create = created('r2', { opensHooks: [hook('r2', 't')], create: { idempotencyKey: 'k' } });
    expect(await store.commit(create)).toEqual({ type: 'token_taken', hookId: 'approval#1' });
    expect(await store.runs.get('r2')).toBeUndefined();
    expect(await store.commit(created('r3', { create: { idempotencyKey: 'k' } }))).toEqual(committed());
  });

  it('is refused to a second hook of the same run', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    const commit = commitOf('r1', 1, { opensHooks: [hook('r1', 't', { id: 'b#1' })] });
    expect(await store.commit(commit)).toEqual({ type: 'token_taken', hookId: 'b#1' });
  });

  it('is refused when one commit asks for it twice', async () => {
    const store = open();
    await given(store, 'r1');
    const commit = commitOf('r1', 1, { opensHooks: [hook('r1', 't', { id: 'a#1' }), hook('r1', 't', { id: 'b#1' })] });
    expect(await store.commit(commit)).toEqual({ type: 'token_taken', hookId: 'b#1' });
    expect(await store.hooks.list('r1')).toEqual([]);
  });

  it.each([
    ['was received', async (store: WorkflowStore) => store.deliverHook(delivery('t'))],
    ['expired', async (store: WorkflowStore) => store.commit(commitOf('r1', 1, { expiresHooks: ['approval#1'] }))],
    ['was closed', async (store: WorkflowStore) => store.commit(commitOf('r1', 1, { closesHooks: ['approval#1'] }))],
    ['belonged to a run that ended', async (store: WorkflowStore) => store.commit(completing('r1'))],
  ])('is free again when its hook %s, and leads to the new one', async (_, settle) => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await settle(store);
    const next = hook('r2', 't', { id: 'again#1', createdAt: T + 9 });
    expect(await store.commit(created('r2', { opensHooks: [next] }))).toEqual(committed());
    expect(await store.hooks.findByToken('t')).toEqual(next);
    expect(await store.deliverHook(delivery('t', 'd9'))).toMatchObject({ type: 'delivered', runId: 'r2' });
  });

  it('of several settled hooks leads to the latest', async () => {
    const store = open();
    for (const [index, runId] of ['z', 'a', 'm'].entries()) {
      await givenHook(store, runId, hook(runId, 't', { createdAt: T + index }));
      await store.commit(completing(runId));
    }
    expect(await store.hooks.findByToken('t')).toMatchObject({ runId: 'm', status: 'closed' });
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'closed', runId: 'm' });
  });

  it('still leads to the open hook when another run opens and closes one at once', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    await given(store, 'r2');
    const passing = hook('r2', 't', { id: 'passing#1', status: 'closed', createdAt: T + 9 });
    expect(await store.commit(commitOf('r2', 1, { opensHooks: [passing] }))).toEqual(committed());
    expect(await hookStatuses(store, 'r2')).toEqual(['closed']);
    expect(await store.hooks.findByToken('t')).toMatchObject({ runId: 'r1', status: 'open' });
    const taker = commitOf('r2', 2, { opensHooks: [hook('r2', 't', { id: 'taker#1' })] });
    expect(await store.commit(taker)).toEqual({ type: 'token_taken', hookId: 'taker#1' });
    expect(await store.deliverHook(delivery('t'))).toMatchObject({ type: 'delivered', runId: 'r1' });
    await store.commit(commitOf('r1', 1, { consumes: ['hook:approval#1'] }));
    expect(await store.commit(taker)).toEqual(committed());
    expect(await store.deliverHook(delivery('t', 'd2'))).toMatchObject({ type: 'delivered', runId: 'r2' });
  });

  it('differs from one that is written in other case', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 'Token'));
    await givenHook(store, 'r2', hook('r2', 'token'));
    expect(await store.hooks.findByToken('TOKEN')).toBeUndefined();
    expect(await store.hooks.findByToken('token')).toMatchObject({ runId: 'r2' });
  });
}
