import type { Codec, EventType, HistoryEvent } from '../../libs/core/index.js';
import { decodeOrError } from './workflow-run.js';

/** One recorded fact about a run. */
export interface RunEvent {
  /** 1..n within the run. A gap is one that `history.compacted` tells of, which stands for the events since `from`. */
  readonly sequence: number;
  readonly type: EventType;
  readonly at: Date;
  /** What it is about: a step call (`charge#2`), a timer (`sleep#1`), a hook (`approval#1`). */
  readonly id?: string;
  /** Arguments of a step call, a result, an error, a hook's payload. */
  readonly data?: unknown;
  /** Facts such as `attempt`, `retryAt`, `fireAt`, `expiresAt`, `reason`, `context`, `workflow`, `version`, `from`, `calls`, `checkpoint`, `counts`, `hooks`; times are Dates. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Which events `getEvents` and `streamEvents` give. */
export interface EventOptions {
  /** Only events after this sequence. @default 0 */
  readonly after?: number;
  /** At most this many. @default all */
  readonly limit?: number;
  /** Shows the tokens of hooks, with which anybody can answer them. @default false */
  readonly includeTokens?: boolean;
}

const TIMES: ReadonlySet<string> = new Set(['fireAt', 'retryAt', 'expiresAt', 'deadline']);

function shown(name: string, value: unknown, codec: Codec): unknown {
  if (name === 'context') return decodeOrError(codec, value as string);
  return TIMES.has(name) ? new Date(value as number) : value;
}

/** An event for people: decoded, and without the secrets of the run. */
export function toRunEvent(event: HistoryEvent, codec: Codec, includeTokens: boolean): RunEvent {
  const given = 'attributes' in event && event.attributes ? Object.entries(event.attributes) : [];
  const attributes = given
    .filter(([name]) => name !== 'seed' && (name !== 'token' || includeTokens))
    .map(([name, value]) => [name, shown(name, value, codec)]);
  return {
    sequence: event.sequence,
    type: event.type,
    at: new Date(event.at),
    ...('id' in event && { id: event.id }),
    ...('payload' in event && { data: decodeOrError(codec, event.payload) }),
    attributes: Object.fromEntries(attributes) as Record<string, unknown>,
  };
}
