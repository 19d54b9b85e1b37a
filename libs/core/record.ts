import type { EndDraft, EventDraft, HistoryEvent } from './history-event.js';
import type { RunState } from './run-state.js';

/** Gives a draft its place at the end of the history. A run that ends with step calls still open cancels them first. */
export function record(state: RunState, draft: EventDraft, now: number): HistoryEvent[] {
  const write = (each: EventDraft): HistoryEvent => {
    const event = state.place(each, now);
    state.apply(event);
    return event;
  };
  const open = isEnd(draft) ? [...state.steps.keys()] : [];
  return [...open.map((id) => write({ type: 'step.cancelled', id })), write(draft)];
}

function isEnd(draft: EventDraft): draft is EndDraft {
  return draft.type === 'workflow.completed' || draft.type === 'workflow.failed' || draft.type === 'workflow.cancelled';
}
