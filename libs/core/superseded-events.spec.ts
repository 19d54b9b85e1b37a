import { replaced, stateOf } from './checkpoint.spec-helpers.js';
import { codec, completed, history, scheduled, started, stateAfter, stepCancelled } from './core.spec-helpers.js';
import type { EventDraft, HistoryCompacted, HistoryEvent } from './history-event.js';
import { Dice } from './random-workflow.spec-helpers.js';
import { RunState } from './run-state.js';

const error = codec.encode(new Error('boom'));
const retrying = (id: string, attempt: number, retryAt = 50): EventDraft => ({
  type: 'step.retrying',
  id,
  payload: error,
  attributes: { attempt, retryAt },
});
const lost = (id: string, attempt: number, handedBack?: true): EventDraft => ({
  type: 'step.lost',
  id,
  attributes: { attempt, ...(handedBack && { handedBack }) },
});
const exhausted = (id: string, attempt: number): EventDraft => ({
  type: 'step.exhausted',
  id,
  payload: error,
  attributes: { attempt },
});
const resumed: EventDraft = { type: 'workflow.resumed' };

function compacted(drafts: readonly EventDraft[], through = Infinity): readonly HistoryCompacted[] {
  return stateAfter(...drafts).superseded.compact(through);
}

const counts = { failures: 0, lost: 0, handedBack: 0 };

describe('the attempts of a step call', () => {
  test('are superseded by its outcome', () => {
    const attempts = [scheduled('a#1'), retrying('a#1', 1), lost('a#1', 2), lost('a#1', 3, true)];
    const calls = { 'a#1': { failures: 1, lost: 1, handedBack: 1 } };
    const expected = [{ type: 'history.compacted', sequence: 5, at: 4, attributes: { from: 3, calls } }];
    expect(compacted([...attempts, completed('a#1', 1, 4)])).toEqual(expected);
    expect(compacted([...attempts, stepCancelled('a#1')])).toEqual(expected);
  });

  test('are superseded by later ones, but for the latest', () => {
    const attempts = [1, 2, 3].map((attempt) => retrying('a#1', attempt));
    expect(compacted([scheduled('a#1'), ...attempts])).toMatchObject([{ sequence: 4, attributes: { from: 3 } }]);
  });

  test('that ask for a person are kept, since the run waits because of them, whatever becomes of the call', () => {
    const asked = [scheduled('a#1'), retrying('a#1', 1), exhausted('a#1', 2)];
    const first = { sequence: 3, attributes: { from: 3, calls: { 'a#1': { ...counts, failures: 1 } } } };
    expect(compacted(asked)).toEqual([]);
    expect(compacted([...asked, resumed, retrying('a#1', 3)])).toMatchObject([first]);
    expect(compacted([...asked, stepCancelled('a#1')])).toMatchObject([first]);
    expect(compacted([...asked, resumed, retrying('a#1', 3), completed('a#1', 1, 4)])).toMatchObject([
      first,
      { sequence: 6, attributes: { from: 6, calls: { 'a#1': { ...counts, failures: 1 } } } },
    ]);
  });

  test('of several calls are compacted together, up to the next event that counts', () => {
    const calls = [scheduled('a#1'), scheduled('b#1'), retrying('a#1', 1), retrying('b#1', 1), lost('a#1', 2)];
    expect(compacted([...calls, completed('b#1', 1, 2), completed('a#1', 1, 3)])).toMatchObject([
      {
        sequence: 6,
        attributes: {
          from: 4,
          calls: { 'a#1': { ...counts, failures: 1, lost: 1 }, 'b#1': { ...counts, failures: 1 } },
        },
      },
    ]);
  });

  test('that are not stored yet are left for later, and those that were compacted are not compacted again', () => {
    const state = stateAfter(scheduled('a#1'), retrying('a#1', 1), retrying('a#1', 2), completed('a#1', 1, 3));
    expect(state.superseded.count).toBe(2);
    expect(state.superseded.compact(3)).toMatchObject([{ sequence: 3 }]);
    state.superseded.forget(3, []);
    expect(state.superseded.compact(9)).toMatchObject([{ sequence: 4 }]);
    state.superseded.forget(9, []);
    expect(state.superseded.count).toBe(0);
  });
});

/** What may happen next to a call. */
function nextFor(state: RunState, id: string, dice: Dice): EventDraft {
  const call = state.steps.get(id);
  if (!call) return scheduled(id);
  const { attempt } = call;
  const next = [
    retrying(id, attempt, dice.upTo(99)),
    lost(id, attempt),
    lost(id, attempt, true),
    exhausted(id, attempt),
  ];
  if (dice.upTo(8) > 0) return dice.one(next);
  return dice.one([completed(id, 1, attempt), stepCancelled(id)]);
}

describe('a compacted history', () => {
  test('changes nothing of a call that is not open', () => {
    const stored = history([started(), scheduled('a#1')]);
    const calls = { 'gone#1': { ...counts, failures: 2 } };
    const compacts: HistoryCompacted = {
      type: 'history.compacted',
      sequence: 4,
      at: 0,
      attributes: { from: 3, calls },
    };
    expect([...stateOf([...stored, compacts]).steps]).toEqual([...stateOf(stored).steps]);
  });

  test.each(Array.from({ length: 20 }, (_, seed) => seed))('says the same, whenever it is compacted (%i)', (seed) => {
    const dice = new Dice(seed);
    const state = new RunState('run-1');
    let stored: HistoryEvent[] = history([started()]);
    state.apply(stored[0]!);
    for (let count = 0; count < 100; count++) {
      const id = dice.one(['a#1', 'b#1', 'c#1']);
      const draft = state.status === 'paused' && dice.upTo(2) === 0 ? resumed : nextFor(state, id, dice);
      if (!state.accepts(draft)) continue;
      const event = state.place(draft, count);
      state.apply(event);
      if (dice.upTo(10) === 0) {
        const compacts = state.superseded.compact(event.sequence - 1);
        stored = replaced(stored, compacts);
        state.superseded.forget(event.sequence - 1, compacts);
      }
      stored.push(event);
      const again = stateOf(stored);
      expect(again.superseded.count).toBe(state.superseded.count);
      expect({ ...again, superseded: undefined }).toEqual({ ...state, superseded: undefined });
    }
    expect(stored.some(({ type }) => type === 'history.compacted')).toBe(true);
    let end = 0;
    for (const event of stored) {
      expect(event.type === 'history.compacted' ? event.attributes.from : event.sequence).toBe(end + 1);
      end = event.sequence;
    }
    expect(end).toBe(state.sequence);
  });
});
