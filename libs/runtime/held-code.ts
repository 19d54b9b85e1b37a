import {
  activate,
  type Command,
  type EventDraft,
  type Execution,
  type HistoryEvent,
  type RunState,
  showCommitted,
} from '../core/index.js';
import { fromOutside, leaveRun } from './context.js';
import { endAtEventLimit } from './event-limit.js';
import { reportOrdinaryAwait } from './ordinary-await.js';
import type { EnginePorts } from './ports.js';

/** The workflow's code of a held run: it is given outcomes, and may ask for more at any time, after an ordinary await. */
export class HeldCode {
  /** The code is being given its outcomes: what it asks for now is no surprise. */
  private activating = false;

  /** @param onAsked called when the code goes on although no outcome came */
  constructor(
    private readonly ports: EnginePorts,
    private readonly state: RunState,
    private readonly execution: Execution,
    private readonly onAsked: () => void,
  ) {
    execution.log.onCommand = (command) => this.onCommand(command);
  }

  /** It has asked for something that is not recorded yet. */
  get hasAsked(): boolean {
    return !this.execution.log.isEmpty;
  }

  /**
   * Gives the code outcomes, and records what it does about them.
   *
   * @param goOn takes the events
   */
  activate<Result>(
    drafts: readonly EventDraft[],
    goOn: (events: readonly HistoryEvent[]) => Result | Promise<Result>,
  ): Promise<Result> {
    const { clock, counters } = this.ports;
    counters.onActivation(this.state.started.workflow);
    this.activating = true;
    const end = (events: HistoryEvent[]): Result | Promise<Result> => {
      this.activating = false;
      events.push(...endAtEventLimit(this.ports, this.state, events.length, clock.now()));
      return goOn(events);
    };
    // Activations share ticks: none is to see the request that has begun or woken another.
    return fromOutside(() => activate(this.execution, this.state, drafts, clock.now(), end));
  }

  /** Shows the code what was committed before it could see it. */
  async show(events: readonly HistoryEvent[]): Promise<void> {
    this.activating = true;
    await showCommitted(this.execution, this.state, events);
    this.activating = false;
  }

  /**
   * Lets go of the code: what it asks for from now on comes to nothing.
   *
   * @param onLateCommand called once, if it still asks for something
   */
  leave(onLateCommand?: () => void): void {
    this.execution.kill(onLateCommand && (() => leaveRun(onLateCommand)));
  }

  /** A side effect is done, or the code awaited something that is not durable. */
  private onCommand(command: Command): void {
    if (this.activating) return;
    leaveRun(() => {
      if (command.type !== 'side_effect.recorded') reportOrdinaryAwait(this.ports, this.state, command);
      this.onAsked();
    });
  }
}
