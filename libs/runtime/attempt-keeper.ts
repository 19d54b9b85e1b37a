import { callKey, type Heartbeat, type StepTask, TurnoverMap } from '../core/index.js';
import type { EnginePorts } from './ports.js';

// Taken at load time: a test that fakes the timers must not stop the engine.
const immediate = setImmediate;

interface KeptAttempt {
  readonly task: StepTask;
  /** Tells the attempt to stop: another has taken its place, or its run has no use for it. */
  readonly stop: (why: string) => void;
}

interface Beginning extends KeptAttempt {
  readonly resolve: (mayBegin: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The attempts that this process runs for the holders of other runs, kept alive in the store.
 *
 * K1. No attempt begins before the store has its first heartbeat, so that its death is noticed and counted.
 * K2. Attempts that are to begin while a heartbeat is on its way begin with the next one: all in one statement.
 */
export class AttemptKeeper {
  private readonly kept = new TurnoverMap<string, KeptAttempt>();
  /** The latest attempt of each call that was asked for and is not answered. */
  private readonly asked = new Map<string, number>();
  private beginning: Beginning[] = [];
  private isSending = false;
  private disarm: (() => void) | undefined;
  private isStopped = false;

  constructor(private readonly ports: EnginePorts) {}

  start(): void {
    this.isStopped = false;
    this.arm();
  }

  stop(): void {
    this.isStopped = true;
    this.disarm?.();
  }

  /**
   * Begins an attempt in the store.
   *
   * @returns false if it must not run: somebody else runs it, or it is superseded
   */
  begin(task: StepTask, stop: (why: string) => void): Promise<boolean> {
    const key = keyOf(task);
    const known = Math.max(this.kept.get(key)?.task.attempt ?? 0, this.asked.get(key) ?? 0);
    if (known >= task.attempt) return Promise.resolve(false);
    this.asked.set(key, task.attempt);
    return new Promise((resolve, reject) => {
      this.beginning.push({ task, stop, resolve, reject });
      if (!this.isSending) this.sendSoon();
    });
  }

  /** Whether the outcome of an attempt still means something, as far as this process has been told. */
  isCurrent(task: StepTask): boolean {
    return this.kept.get(keyOf(task))?.task === task;
  }

  end(task: StepTask): void {
    if (this.isCurrent(task)) this.kept.delete(keyOf(task));
  }

  /** Lets go of all attempts, which are told to stop. */
  takeAll(why: string): readonly StepTask[] {
    const taken = [...this.kept.values()];
    this.kept.clear();
    for (const { stop } of taken) stop(why);
    return taken.map(({ task }) => task);
  }

  /** The holder of a run asks for the attempts of a call to stop. */
  abort(runId: string, stepId: string): void {
    const attempt = this.drop(callKey(runId, stepId), 'The step call was cancelled.');
    // It may have begun while its run was ending. The store removes what is left of that when it comes once more.
    if (attempt) this.beat([attempt.task]).catch(() => {});
  }

  /** Says that all attempts are alive. Those whose heartbeat is refused are told to stop. */
  async beatAll(): Promise<void> {
    const tasks = [...this.kept.values()].map(({ task }) => task);
    if (tasks.length === 0) return;
    try {
      for (const task of await this.beat(tasks)) {
        if (this.isCurrent(task)) this.drop(keyOf(task), 'The attempt was superseded, or its run has ended.');
      }
    } catch (error) {
      this.ports.logger.warn('heartbeats could not be written, and are tried again', { attempts: tasks.length, error });
    }
  }

  private sendSoon(): void {
    this.isSending = true;
    immediate(() => void this.send());
  }

  private async send(): Promise<void> {
    const beginning = this.beginning;
    this.beginning = [];
    const answer = ({ task }: Beginning): void => {
      if (this.asked.get(keyOf(task)) === task.attempt) this.asked.delete(keyOf(task));
    };
    try {
      const refused = new Set(
        await this.beat(
          beginning.map(({ task }) => task),
          { begins: true },
        ),
      );
      for (const attempt of beginning) {
        const mayBegin = !refused.has(attempt.task);
        if (mayBegin) this.keep(attempt);
        answer(attempt);
        attempt.resolve(mayBegin);
      }
    } catch (error) {
      for (const attempt of beginning) {
        answer(attempt);
        attempt.reject(error);
      }
    }
    this.isSending = false;
    if (this.beginning.length > 0) this.sendSoon();
  }

  private keep({ task, stop }: KeptAttempt): void {
    this.drop(keyOf(task), 'The attempt was superseded by another.');
    this.kept.set(keyOf(task), { task, stop });
  }

  private arm(): void {
    const { clock, options } = this.ports;
    this.disarm = clock.schedule(
      clock.now() + options.leaseMs / 3,
      () => void this.beatAll().finally(() => this.isStopped || this.arm()),
    );
  }

  /** @returns the tasks whose attempts must stop. */
  private async beat(tasks: readonly StepTask[], kind?: { readonly begins: true }): Promise<readonly StepTask[]> {
    const { store, clock, options } = this.ports;
    const until = clock.now() + options.leaseMs;
    const beats = tasks.map(({ runId, id, attempt }): Heartbeat => ({
      runId,
      id,
      attempt,
      worker: options.owner,
      until,
      ...kind,
    }));
    const refused = new Set(await store.heartbeat(beats));
    return tasks.filter((_, index) => refused.has(beats[index]!));
  }

  private drop(key: string, why: string): KeptAttempt | undefined {
    const attempt = this.kept.get(key);
    this.kept.delete(key);
    attempt?.stop(why);
    return attempt;
  }
}

function keyOf({ runId, id }: StepTask): string {
  return callKey(runId, id);
}
