import { TypeOrmStore } from '../typeorm.store.js';

const lease = { type: 'hold', owner: 'A', until: 9_000 } as const;
const hook = { runId: 'r', id: 'h#1', token: 'a-token', status: 'open', multiple: true, createdAt: 1 } as const;
const nothing = { consumes: [], opensHooks: [], expiresHooks: [], closesHooks: [], lease } as const;
const run = { status: 'suspended', updatedAt: 1, recoveryAttempts: 0 } as const;
const create = { workflow: 'w', version: 1, tags: [], createdAt: 1 };

it('does not expire a hook of many while a payload that it has accepted is unread', async () => {
  const store = new TypeOrmStore({ type: 'sqlite', path: ':memory:' });
  await store.open();
  await store.commit({
    ...nothing,
    runId: 'r',
    fence: 1,
    baseSequence: 0,
    events: [],
    run,
    create,
    opensHooks: [hook],
  });
  await store.deliverHook({ token: 'a-token', payload: '1', deliveryId: 'd', receivedAt: 2 });
  const expire = { ...nothing, runId: 'r', fence: 1, baseSequence: 0, events: [], run, expiresHooks: ['h#1'] };
  expect(await store.commit(expire)).toEqual({ type: 'hook_settled', hookId: 'h#1' });
  expect(await store.commit({ ...expire, consumes: ['hook:h#1:d'] })).toMatchObject({ type: 'committed' });
  await store.close();
});
