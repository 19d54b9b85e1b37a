/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { HistoryCompacted, HistoryEvent, WorkflowStore } from '../core/index.js';
import {
  commitOf,
  committed,
  completing,
  fenced,
  given,
  hook,
  message,
  numbers,
  release,
  scheduled,
  started,
  T,
} from './store-contract-makers.js';

/** Stands for the events of a run from `from` to `through`. */
export function compacted(from: number, through: number, id = 'charge#1'): HistoryCompacted {
  const calls = { [id]: { failures: through - from + 1, lost: 0, handedBack: 0 } };
  return { type: 'history.compacted', sequence: through, at: T + through, attributes: { from, calls } };
}

/** A run that A holds, with a start and attempts that fail. */
export async function givenAttempts(store: WorkflowStore, runId: string, count: number): Promise<HistoryEvent[]> {
  const events = [started(), ...numbers(count - 1).map((index) => retrying(index + 2))];
  await given(store, runId, { events });
  return events;
}

/** Stands for rounds of a loop, which are events of every type. */
function rounds(from: number, through: number): HistoryCompacted {
  return {
    type: 'history.compacted',
    sequence: through,
    at: T + through,
    attributes: { from, calls: {}, checkpoint: 'sum#1' },
  };
}

/** A run that A holds, of 24 events and with a hook. */
async function givenRounds(store: WorkflowStore, runId: string): Promise<HistoryEvent[]> {
  const events = [started(), ...numbers(23).map((index) => eventOfRound(index + 2))];
  await given(store, runId, { events, opensHooks: [hook(runId, `token of ${runId}`, { multiple: true })] });
  return events;
}

function eventOfRound(sequence: number): HistoryEvent {
  const place = { sequence, at: T + sequence };
  const { token } = hook('', 'token');
  const kinds: readonly HistoryEvent[] = [
    { ...place, type: 'checkpoint.saved', id: 'sum#1', payload: '{}', attributes: { counts: { 'step a': sequence } } },
    scheduled(sequence),
    { ...place, type: 'step.completed', id: 'charge#1', payload: '"größe"', attributes: { attempt: 1 } },
    { ...place, type: 'sleep.started', id: 'sleep#1', attributes: { fireAt: T } },
    { ...place, type: 'sleep.completed', id: 'sleep#1' },
    { ...place, type: 'hook.created', id: 'approval#1', attributes: { token, multiple: true } },
    { ...place, type: 'hook.received', id: 'approval#1', payload: '1' },
    { ...place, type: 'workflow.resumed' },
  ];
  return kinds[sequence % kinds.length]!;
}

function retrying(sequence: number): HistoryEvent {
  const attributes = { attempt: sequence, retryAt: T };
  return { sequence, type: 'step.retrying', at: T + sequence, id: 'charge#1', payload: '"no"', attributes };
}

export function describeCompaction(open: () => WorkflowStore): void {
  it('puts one event in the place of many', async () => {
    const store = open();
    const events = await givenAttempts(store, 'r1', 12);
    const compacts = [compacted(3, 5), compacted(7, 7, 'größe "1"\n{}#1'), compacted(8, 11)];
    expect(await store.commit(commitOf('r1', 12, { compacts }))).toEqual(committed());
    const after = [events[0], events[1], compacts[0], events[5], compacts[1], compacts[2], events[11], scheduled(13)];
    expect(await store.events.load('r1', 0, 100)).toEqual(after);
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 13 });
    expect(await store.commit(commitOf('r1', 13))).toEqual(committed());
  });

  it('leaves pages that go on behind their last event, however much is gone', async () => {
    const store = open();
    const events = await givenAttempts(store, 'r1', 2_500);
    const compacts = [compacted(2, 2_000), compacted(2_003, 2_400)];
    await store.commit(commitOf('r1', 2_500, { compacts }));
    const after = [events[0], compacts[0], events[2_000], events[2_001], compacts[1], ...events.slice(2_400)];
    expect(await store.events.load('r1', 0, 3)).toEqual(after.slice(0, 3));
    expect(await store.events.load('r1', 1, 1)).toEqual([compacts[0]]);
    expect(await store.events.load('r1', 1_000, 2)).toEqual([compacts[0], events[2_000]]);
    expect(await store.events.load('r1', 2_000, 10)).toEqual(after.slice(2, 12));
    expect(await store.events.load('r1', 0, 1_000)).toEqual([...after, scheduled(2_501)]);
    expect(await store.events.load('r1', 2_501, 10)).toEqual([]);
  });

  it('is done again with what has come since', async () => {
    const store = open();
    const events = await givenAttempts(store, 'r1', 6);
    const [first, second] = [compacted(2, 3), compacted(4, 6)];
    await store.commit(commitOf('r1', 6, { compacts: [first] }));
    await store.commit(commitOf('r1', 7, { compacts: [second] }));
    const after = [events[0], first, second, scheduled(7), scheduled(8)];
    expect(await store.events.load('r1', 0, 10)).toEqual(after);
  });

  it('may take the place of events of every type, and of what has taken their place before', async () => {
    const store = open();
    const events = await givenRounds(store, 'r1');
    const [first, second] = [rounds(3, 8), rounds(10, 14)];
    await store.commit(commitOf('r1', 24, { compacts: [first, second] }));
    const after = [...events.slice(0, 2), first, events[8], second, ...events.slice(14), scheduled(25)];
    expect(await store.events.load('r1', 0, 100)).toEqual(after);
    expect(await store.hooks.list('r1')).toHaveLength(1);
    const [third, same] = [rounds(10, 20), rounds(3, 8)];
    await store.commit(commitOf('r1', 25, { compacts: [same, third] }));
    const later = [...events.slice(0, 2), same, events[8], third, ...events.slice(20), scheduled(25), scheduled(26)];
    expect(await store.events.load('r1', 0, 100)).toEqual(later);
    const all = rounds(2, 25);
    await store.commit(commitOf('r1', 26, { compacts: [all], run: { status: 'completed', endedAt: T } }));
    expect(await store.events.load('r1', 0, 100)).toEqual([events[0], all, scheduled(26), scheduled(27)]);
    for (const inside of [1, 2, 4, 8, 12, 19, 24]) expect(await store.events.load('r1', inside, 1)).toEqual([all]);
    expect(await store.events.load('r1', 25, 9)).toEqual([scheduled(26), scheduled(27)]);
  });

  it('comes with a commit of any kind', async () => {
    const store = open();
    await givenAttempts(store, 'hooks', 4);
    await givenAttempts(store, 'end', 4);
    await givenAttempts(store, 'message', 4);
    await givenAttempts(store, 'release', 4);
    await store.append(message('message', 'k'));
    const compacts = [compacted(2, 4)];
    const end = completing('end', { baseSequence: 4, events: [scheduled(5)], compacts });
    const results = await Promise.all([
      store.commit(commitOf('hooks', 4, { compacts, opensHooks: [hook('hooks', 't')] })),
      store.commit(end),
      store.commit(commitOf('message', 4, { compacts, events: [], consumes: ['k'] })),
      store.commit(commitOf('release', 4, { compacts, lease: release(T) })),
    ]);
    expect(results).toEqual([committed(), committed(true), committed(), committed(true)]);
    for (const runId of ['hooks', 'end', 'release'])
      expect(await store.events.load(runId, 0, 10)).toEqual([started(), compacts[0], scheduled(5)]);
    expect(await store.events.load('message', 0, 10)).toEqual([started(), compacts[0]]);
    expect(await store.runs.get('message')).toMatchObject({ sequence: 4 });
  });

  it('changes nothing if the commit is refused, nor in other runs', async () => {
    const store = open();
    const events = await givenAttempts(store, 'r1', 4);
    await givenAttempts(store, 'r2', 4);
    expect(await store.commit(commitOf('r1', 4, { fence: 9, compacts: [compacted(2, 3)] }))).toEqual(fenced);
    await store.commit(commitOf('r2', 4, { compacts: [compacted(2, 3)] }));
    expect(await store.events.load('r1', 0, 10)).toEqual(events);
  });
}
