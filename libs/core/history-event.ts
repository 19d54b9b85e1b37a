/** A value as it is stored: text that a `Codec` wrote. */
export type Payload = string;

interface EventBase<Type extends string> {
  /** 1..n within the run, without a gap but those that `history.compacted` tells of. */
  readonly sequence: number;
  readonly type: Type;
  /** When the lease holder applied it, in epoch milliseconds; never before its predecessor's. */
  readonly at: number;
}

interface Named {
  /** What the event is about: a step call (`charge#2`), a timer (`sleep#1`), a hook (`approval#1`). */
  readonly id: string;
}

interface Loaded {
  readonly payload: Payload;
}

/** How an attempt of a step call was. */
export interface AttemptAttributes {
  readonly attempt: number;
  /** How long it ran, in milliseconds: without its way to a process and its wait for its turn. @default less than 1 */
  readonly tookMs?: number;
}

interface Attempt {
  readonly attributes: AttemptAttributes;
}

/** The first event of every run. */
export interface WorkflowStarted extends EventBase<'workflow.started'>, Loaded {
  readonly attributes: StartAttributes;
}

export interface StartAttributes {
  readonly workflow: string;
  readonly version: number;
  /** What the run's random numbers and tokens are derived from. Secret: whoever has it can compute hook tokens. */
  readonly seed: string;
  /** The run's deadline, in epoch milliseconds. */
  readonly deadline?: number;
}

/** Events that record a command of the workflow. */
export type CommandEvent =
  /** `context`: what the workflow had set for its steps to read. */
  | (EventBase<'step.scheduled'> & Named & Loaded & { readonly attributes?: { readonly context: Payload } })
  | (EventBase<'step.cancelled'> & Named)
  | (EventBase<'sleep.started'> & Named & { readonly attributes: { readonly fireAt: number } })
  | (EventBase<'sleep.cancelled'> & Named)
  | (EventBase<'hook.created'> & Named & { readonly attributes: HookAttributes })
  | (EventBase<'hook.closed'> & Named)
  /** `failed`: the payload is the error that it threw. */
  | (EventBase<'side_effect.recorded'> & Named & Loaded & { readonly attributes?: { readonly failed: true } })
  /** The state of a loop. Without attributes a replay cannot go on from here. */
  | (EventBase<'checkpoint.saved'> & Named & Loaded & { readonly attributes?: CheckpointAttributes });

/** What the code has come to at a checkpoint, apart from its state: whoever goes on from here has to know. */
export interface CheckpointAttributes {
  /** How often it has asked for what, by kind and name. */
  readonly counts: Readonly<Record<string, number>>;
  /** What it has set for its steps to read. */
  readonly context?: Payload;
  /** The hooks of many payloads that it had before the loop, by id. */
  readonly hooks?: Readonly<Record<string, HookPosition>>;
}

/** How far a hook of many payloads has been read. */
export interface HookPosition {
  /** So many of those that have come last have not been. @default none */
  readonly unread?: number;
  readonly closed?: true;
}

/** Hooks that were closed in rounds that may be gone. */
export function hooksClosedAt({ attributes }: Extract<CommandEvent, { type: 'checkpoint.saved' }>): string[] {
  return Object.entries(attributes?.hooks ?? {}).flatMap(([id, { closed }]) => (closed ? [id] : []));
}

export interface HookAttributes {
  readonly token: string;
  readonly expiresAt?: number;
  /** Takes many payloads until it is closed. */
  readonly multiple?: true;
  /** It has a definition, which whoever delivers to it must know. */
  readonly defined?: true;
}

/** Events that the workflow's code gets to see. */
export type OutcomeEvent =
  | (EventBase<'step.completed'> & Named & Loaded & Attempt)
  | (EventBase<'step.failed'> & Named & Loaded & Attempt)
  | (EventBase<'sleep.completed'> & Named)
  | (EventBase<'hook.received'> & Named & Loaded)
  | (EventBase<'hook.expired'> & Named)
  | (EventBase<'hook.conflicted'> & Named)
  | EventBase<'workflow.cancel_requested'>
  | EventBase<'workflow.timed_out'>;

/** Events that change what is owed to the run, and that its code does not see. */
export type BookkeepingEvent =
  /** An attempt failed and another follows at `retryAt`. */
  | (EventBase<'step.retrying'> &
      Named &
      Loaded & { readonly attributes: AttemptAttributes & { readonly retryAt: number } })
  /**
   * An attempt's process is gone, or silent for too long: the attempt is superseded by the next one. `handedBack`: its
   * process stopped in good order, so the attempt is no suspect of killing it.
   */
  | (EventBase<'step.lost'> & Named & { readonly attributes: { readonly attempt: number; readonly handedBack?: true } })
  /** The last allowed attempt failed, and the step asks for a person. */
  | (EventBase<'step.exhausted'> & Named & Loaded & Attempt)
  | (EventBase<'workflow.blocked'> & { readonly attributes: { readonly reason: string } })
  | (EventBase<'workflow.paused'> & { readonly attributes: { readonly reason: string } })
  | EventBase<'workflow.resumed'>
  | HistoryCompacted;

/** How attempts of a step call that had no outcome have ended. */
export interface AttemptCounts {
  readonly failures: number;
  /** Their process was gone, or silent for too long. */
  readonly lost: number;
  /** Their process stopped in good order. */
  readonly handedBack: number;
}

/**
 * Stands in the place of events that later ones have superseded: those from `from` on, up to its own sequence. Its time
 * is that of the last of them.
 */
export interface HistoryCompacted extends EventBase<'history.compacted'> {
  readonly attributes: {
    readonly from: number;
    /** What they said of step calls that are not gone with them, by the ids of these. */
    readonly calls: Readonly<Record<string, AttemptCounts>>;
    /** They are rounds of a loop that had this checkpoint first: who asks for it is given the next one that is there. */
    readonly checkpoint?: string;
  };
}

/** Events that end a run. */
export type EndEvent =
  | (EventBase<'workflow.completed'> & Loaded)
  | (EventBase<'workflow.failed'> & Loaded)
  | (EventBase<'workflow.cancelled'> & Loaded);

/** One recorded fact about a run. Events are appended in order and never changed; superseded ones may be compacted. */
export type HistoryEvent = WorkflowStarted | CommandEvent | OutcomeEvent | BookkeepingEvent | EndEvent;

export type EventType = HistoryEvent['type'];

type Unplaced<E> = E extends HistoryEvent ? Omit<E, 'sequence' | 'at'> : never;

/** An event that has no place in the history yet. */
export type EventDraft = Unplaced<HistoryEvent>;
export type OutcomeDraft = Unplaced<OutcomeEvent>;
export type EndDraft = Unplaced<EndEvent>;
/** What a workflow asks for: the draft of the event that records it. */
export type Command = Unplaced<CommandEvent | EndEvent>;

// Keys of a record, so that the compiler misses one that is left out.
const COMMANDS: ReadonlySet<string> = new Set(
  Object.keys({
    'step.scheduled': true,
    'step.cancelled': true,
    'sleep.started': true,
    'sleep.cancelled': true,
    'hook.created': true,
    'hook.closed': true,
    'side_effect.recorded': true,
    'checkpoint.saved': true,
  } satisfies Record<CommandEvent['type'], true>),
);

export function isCommandEvent(event: HistoryEvent): event is CommandEvent {
  return COMMANDS.has(event.type);
}

/** Events that record a command and are its outcome as well: the code goes on when they have their place. */
export type AnsweredEvent = Extract<CommandEvent, { type: 'side_effect.recorded' | 'checkpoint.saved' }>;

export function isAnsweredEvent(event: HistoryEvent): event is AnsweredEvent {
  return event.type === 'side_effect.recorded' || event.type === 'checkpoint.saved';
}

const OUTCOMES: ReadonlySet<string> = new Set(
  Object.keys({
    'step.completed': true,
    'step.failed': true,
    'sleep.completed': true,
    'hook.received': true,
    'hook.expired': true,
    'hook.conflicted': true,
    'workflow.cancel_requested': true,
    'workflow.timed_out': true,
  } satisfies Record<OutcomeEvent['type'], true>),
);

export function isOutcomeEvent(event: HistoryEvent): event is OutcomeEvent {
  return OUTCOMES.has(event.type);
}

const OTHERS: ReadonlySet<string> = new Set(
  Object.keys({
    'workflow.started': true,
    'step.retrying': true,
    'step.lost': true,
    'step.exhausted': true,
    'workflow.blocked': true,
    'workflow.paused': true,
    'workflow.resumed': true,
    'history.compacted': true,
    'workflow.completed': true,
    'workflow.failed': true,
    'workflow.cancelled': true,
  } satisfies Record<Exclude<EventType, (CommandEvent | OutcomeEvent)['type']>, true>),
);

const TYPES = new Map([...COMMANDS, ...OUTCOMES, ...OTHERS].map((type) => [type, type as EventType]));

/**
 * The type that a text says, as the text that the code has for it: V8 compares a text that was read with each of the
 * cases of a `switch` letter by letter, and that one by its address.
 */
export function eventType(text: string): EventType {
  return TYPES.get(text) ?? (text as EventType);
}
