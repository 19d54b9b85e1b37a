import { fewAtATime } from './support/few-at-a-time.js';
import { begun, type LedgerRow } from './support/ledger.js';
import type { Exit } from './support/program.js';
import { completedSteps, type Look, Scene } from './support/scene.js';

const RUN = 'six-steps-run';
export const STEPS = ['a', 'b', 'c', 'd', 'e', 'f'];
export const RESULT = 'result ["a","b","c","answer","d","e","f"]';

/** The run's nine commits, and the delivery of its hook. */
export const WRITES = 10;

interface Story {
  readonly when: string;
  readonly death: Exit;
  /** What the dead process left in the database. */
  readonly left: Look;
  readonly before: readonly LedgerRow[];
  readonly after: readonly LedgerRow[];
  readonly survivor: readonly string[];
  readonly end: Look;
}

/** A process dies at a moment, and another one goes on with what it left. */
async function tell(when: string, env: Readonly<Record<string, string>> = {}): Promise<Story> {
  const scene = await Scene.create();
  const victim = await scene.run('six-steps', { ...env, KILL: when });
  const left = await scene.look(RUN);
  const survivor = await scene.run('six-steps', env);
  if (survivor.output[0] !== RESULT) throw new Error(survivor.describe(`had no result after a death ${when}`));
  return {
    when,
    death: await victim.exited,
    left,
    before: scene.ledger.of(victim.pid),
    after: scene.ledger.of(survivor.pid),
    survivor: survivor.output,
    end: await scene.look(RUN),
  };
}

/** Each of the moments, of a run that is kept in memory for so long while it waits. */
export function describeDeaths(sessionIdleMs: number, moments: readonly string[]): void {
  const env = { SESSION_IDLE_MS: String(sessionIdleMs) };
  const stories = new Map<string, Story>();

  beforeAll(async () => {
    for (const story of await fewAtATime(3, moments, (when) => tell(when, env))) stories.set(story.when, story);
  }, 180_000);

  describe.each(moments)('%s', (when) => {
    it('ends with the right result', () => {
      const { death, survivor, end } = stories.get(when)!;
      expect(death).toEqual({ code: null, signal: 'SIGKILL' });
      expect(survivor[0]).toBe(RESULT);
      expect(end.run).toMatchObject({ status: 'completed', recoveryAttempts: 0 });
    });

    it('runs no step again whose outcome was committed, and every other step once', () => {
      const { left, after } = stories.get(when)!;
      const done = completedSteps(left.history);
      expect(begun(after)).toEqual(STEPS.filter((step) => !done.includes(step)));
    });

    it('runs at most one step twice, under one idempotency key', () => {
      const { before, after } = stories.get(when)!;
      const repeated = STEPS.filter((step) => begun(before).includes(step) && begun(after).includes(step));
      expect(repeated.length).toBeLessThanOrEqual(1);
      for (const step of STEPS) {
        const keys = [...before, ...after].filter((row) => row.step === step).map(({ key }) => key);
        expect(new Set(keys)).toEqual(new Set([`${RUN}:${step}#1`]));
      }
    });

    it('has a history without a gap, that goes on from what was committed', () => {
      const { left, end } = stories.get(when)!;
      expect(end.history.map(({ sequence }) => sequence)).toEqual(end.history.map((_, index) => index + 1));
      expect(end.history.slice(0, left.history.length)).toEqual(left.history);
      expect(completedSteps(end.history)).toEqual(STEPS);
    });

    it('goes on within two seconds of the next start', () => {
      const [boot, next] = stories.get(when)!.after;
      expect(boot).toMatchObject({ event: 'boot' });
      expect(next!.at - boot!.at).toBeLessThan(2_000);
    });
  });
}
