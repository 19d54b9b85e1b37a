import { isEnded, type RunRecord } from '../core/index.js';
import { NotRunningError, ResultTimeoutError, RunCancelledError, RunFailedError, RunNotFoundError } from './errors.js';
import type { EnginePorts } from './ports.js';
import type { Listening, ResultWaiters, RunEnd } from './result-waiters.js';

/** How long one who waits goes without looking at the store. */
const SAFETY_NET_MS = 15_000;

interface Request {
  readonly runId: string;
  readonly timeoutMs: number;
  readonly deadline: number;
}

/** What runs come to, for those who ask for it, wherever the runs are. */
export class RunResults {
  /** @param isHeld whether this process holds a run that is stored */
  constructor(
    private readonly ports: EnginePorts,
    private readonly waiters: ResultWaiters,
    private readonly isHeld: (runId: string) => boolean,
  ) {}

  /**
   * Waits for a run to end. Thousands may ask at once for runs that have ended, so what an answer takes is kept small:
   * no async function, which would be twice the garbage.
   *
   * @returns its output
   * @throws RunFailedError, RunCancelledError, ResultTimeoutError, RunNotFoundError, NotRunningError if the process stops first
   */
  of(runId: string, timeoutMs: number): Promise<unknown> {
    const request = { runId, timeoutMs, deadline: this.ports.clock.now() + timeoutMs };
    // Listening begins before the look, so that nothing falls between.
    const listening = this.waiters.listen(runId);
    const looking = this.look(request);
    if (!looking) return this.wait(request, listening);
    return looking.then(
      (run) => {
        if (run && !isEnded(run.status)) return this.wait(request, listening);
        this.waiters.end(listening);
        return this.outcome(found(run, runId));
      },
      (error: unknown) => {
        this.waiters.end(listening);
        throw error;
      },
    );
  }

  /** Waits for a run that had not ended when it was looked at. */
  private async wait(request: Request, listening: Listening): Promise<unknown> {
    const { runId, timeoutMs, deadline } = request;
    const { clock } = this.ports;
    try {
      for (;;) {
        const now = clock.now();
        if (deadline <= now) throw new ResultTimeoutError(runId, timeoutMs);
        if (this.waiters.isStopped) throw stopped(runId);
        const end = await listening.wait(clock, Math.min(deadline, now + SAFETY_NET_MS));
        if (end) return this.outcome(end);
        listening.renew();
        const looking = this.look(request);
        const run = looking && found(await looking, runId);
        if (run && isEnded(run.status)) return this.outcome(run);
      }
    } finally {
      this.waiters.end(listening);
    }
  }

  /** @returns nothing if the run goes on for certain. One that ends is held until its commit has returned. */
  private look({ runId, deadline }: Request): Promise<RunRecord | undefined> | undefined {
    const hasTime = deadline > this.ports.clock.now();
    // The last look is always at the store.
    if (hasTime && (this.isHeld(runId) || this.waiters.takeUnended(runId))) return undefined;
    return this.ports.store.runs.get(runId);
  }

  private outcome(run: RunEnd): unknown {
    const { codec } = this.ports;
    switch (run.status) {
      case 'completed':
        return codec.decode(run.output!);
      case 'cancelled':
        throw new RunCancelledError(run.runId, run.workflow);
      default:
        throw new RunFailedError(
          run.runId,
          run.workflow,
          run.error === undefined ? undefined : codec.decode(run.error),
        );
    }
  }
}

function found(run: RunRecord | undefined, runId: string): RunRecord {
  if (!run) throw new RunNotFoundError(runId);
  return run;
}

function stopped(runId: string): NotRunningError {
  return new NotRunningError(
    `This process stops, and run "${runId}" has not ended. It goes on in another process, or when this one starts again: wait for its result there.`,
  );
}
