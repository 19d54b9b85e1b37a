import { caller } from './caller.js';
import type { Command, CommandEvent, HistoryCompacted } from './history-event.js';
import { LatestApart } from './latest-apart.js';

export interface CommandLogOptions {
  /** Called when the workflow asks for something; not while it is replayed. */
  readonly onCommand?: (command: Command) => void;
  /** Called with a command's id when its arguments differ from the recorded ones. */
  readonly onChangedInput?: (id: string) => void;
  /** Remembers where each command was issued, for the report of a divergence. Slow. */
  readonly traceCommands?: boolean;
}

/**
 * What a workflow has asked for, in order.
 *
 * L1. An id is a name and its occurrence, so editing one place does not shift all the others.
 * L2. While the run is replayed, a command waits to be matched with its event; what is left at the end is new.
 */
export class CommandLog {
  isReplaying = true;
  /** What the code has asked for last, also if it is in the history already. */
  lastCommand: Command | undefined;
  private readonly occurrences = new Map<string, number>();
  private readonly locations: Map<Command, string> | undefined;
  private readonly unmatched = new LatestApart<Command>();
  private readonly issued: Command[] = [];

  /** Called when the workflow asks for something. */
  onCommand: ((command: Command) => void) | undefined;
  private readonly onChangedInput: ((id: string) => void) | undefined;

  constructor(options: CommandLogOptions) {
    this.onCommand = options.onCommand;
    this.onChangedInput = options.onChangedInput;
    this.locations = options.traceCommands ? new Map() : undefined;
  }

  get isEmpty(): boolean {
    return this.issued.length === 0;
  }

  nextId(kind: string, name: string): string {
    const key = `${kind} ${name}`;
    const occurrence = (this.occurrences.get(key) ?? 0) + 1;
    this.occurrences.set(key, occurrence);
    return `${name}#${occurrence}`;
  }

  /** How often each was asked for, by kind and name. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.occurrences);
  }

  /** Goes on counting from here. */
  countFrom(counts: Readonly<Record<string, number>>): void {
    this.occurrences.clear();
    for (const [key, count] of Object.entries(counts)) this.occurrences.set(key, count);
  }

  issue(command: Command): void {
    this.lastCommand = command;
    if (!this.isReplaying) {
      this.issued.push(command);
      this.onCommand?.(command);
      return;
    }
    this.unmatched.set(command.type, idOf(command), command);
    this.locations?.set(command, caller());
  }

  /**
   * Matches a recorded command with one that the code has issued.
   *
   * @returns `missing` if there is none; `changed` if it was recorded with other arguments; the `twin` that was: lanes
   * of ordinary awaits have come in another order, and the two must change places
   */
  match(event: CommandEvent): Match {
    const command = this.unmatched.get(event.type, event.id);
    if (!command) return MISSING;
    if (hasSameArguments(command, event)) {
      this.unmatched.delete(event.type, event.id);
      return MATCHED;
    }
    const name = nameOf(event.id);
    for (const other of this.unmatched.values()) {
      if (other.type === event.type && nameOf(other.id) === name && hasSameArguments(other, event))
        return { type: 'twin', id: other.id };
    }
    return { type: 'changed' };
  }

  /** Lets two commands that the history has not reached change places. */
  swap(type: CommandEvent['type'], a: string, b: string): void {
    const commands = [this.unmatched.get(type, a), this.unmatched.get(type, b)];
    this.unmatched.set(type, a, { ...commands[1], id: a } as Command);
    this.unmatched.set(type, b, { ...commands[0], id: b } as Command);
  }

  /** Takes a command for the recorded one, though its arguments have changed. */
  acceptChanged(event: CommandEvent): void {
    this.unmatched.delete(event.type, event.id);
    this.onChangedInput?.(event.id);
  }

  /** Whether the code has issued this command and the history has not reached it. */
  isUnmatched(type: CommandEvent['type'], id: string): boolean {
    return this.unmatched.get(type, id) !== undefined;
  }

  /** Takes back a command that the history has not reached. */
  withdraw(type: CommandEvent['type'], id: string): void {
    this.unmatched.delete(type, id);
  }

  /** Takes what was asked for first. */
  next(): Command | undefined {
    return this.issued.shift();
  }

  endReplay(): void {
    this.isReplaying = false;
    this.issued.push(...this.unmatched.values());
    this.unmatched.clear();
  }

  /** What the code has asked for that the history has not reached, in words; where, if traced. */
  describeUnmatched(): { readonly issued: string; readonly location?: string } {
    for (const command of this.unmatched.values()) {
      const location = this.locations?.get(command);
      return { issued: describeCommand(command), ...(location ? { location } : undefined) };
    }
    return { issued: 'nothing' };
  }
}

export type Match =
  { readonly type: 'matched' | 'missing' | 'changed' } | { readonly type: 'twin'; readonly id: string };

// Made once: nearly all of thousands of commands are matched.
const MATCHED: Match = { type: 'matched' };
const MISSING: Match = { type: 'missing' };

function hasSameArguments(command: Command, event: CommandEvent): boolean {
  if (command.type === 'step.scheduled' && event.type === 'step.scheduled') return command.payload === event.payload;
  if (command.type === 'sleep.started' && event.type === 'sleep.started')
    return command.attributes.fireAt === event.attributes.fireAt;
  return true;
}

/** What comes before the occurrence. */
export function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('#'));
}

const NOUNS: Readonly<Record<Command['type'], string>> = {
  'step.scheduled': 'step',
  'step.cancelled': 'the cancellation of step',
  'sleep.started': 'timer',
  'sleep.cancelled': 'the cancellation of timer',
  'hook.created': 'hook',
  'hook.closed': 'the closing of hook',
  'side_effect.recorded': 'side effect',
  'checkpoint.saved': 'checkpoint',
  'workflow.completed': 'the end of the run',
  'workflow.failed': 'the failure of the run',
  'workflow.cancelled': 'the end of the cancelled run',
};

/** A command, or the event that recorded it or stands for it, in words. */
export function describeCommand(command: Command | CommandEvent | HistoryCompacted): string {
  if (command.type === 'history.compacted') return `${NOUNS['checkpoint.saved']} ${command.attributes.checkpoint}`;
  return 'id' in command ? `${NOUNS[command.type]} ${command.id}` : NOUNS[command.type];
}

/** The end of the run is the only command without one. */
function idOf(command: Command): string {
  return 'id' in command ? command.id : '';
}
