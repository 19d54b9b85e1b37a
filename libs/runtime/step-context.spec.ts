import { MemoryStore } from '../memory/index.js';
import { getStepContext, setStepContext, sleep } from './index.js';
import { Code, settle, World } from './runtime.spec-helpers.js';
import { SharedQueue } from './shared-queue.spec-helpers.js';

describe('the context of steps', () => {
  /** Runs a workflow whose steps report what they can read. */
  async function run(workflow: (step: () => Promise<unknown>) => Promise<unknown>, options = {}) {
    const world = new World(new MemoryStore({ exclusive: false }));
    const code = new Code();
    const step = code.step('step', () => getStepContext());
    code.workflow('w', () => workflow(step), options);
    return { world, code, process: await world.boot(code) };
  }

  async function resultOf(workflow: (step: () => Promise<unknown>) => Promise<unknown>): Promise<unknown> {
    const { process } = await run(workflow);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    return process.result(runId);
  }

  it('is what the workflow has set when it called them, and undefined before', async () => {
    const result = await resultOf(async (step) => {
      const before = await step();
      setStepContext({ tenant: 'a' });
      const pending = step();
      setStepContext({ tenant: 'b', since: new Date(0) });
      const results = [before, await pending, await step(), getStepContext()];
      setStepContext(undefined);
      return [...results, await step()];
    });
    const b = { tenant: 'b', since: new Date(0) };
    expect(result).toEqual([undefined, { tenant: 'a' }, b, b, undefined]);
  });

  it('is a frozen copy, whatever becomes of the value', async () => {
    const result = await resultOf(async (step) => {
      const value = { tags: ['a'] };
      setStepContext(value);
      value.tags.push('b');
      const { tags } = getStepContext<{ tags: string[] }>()!;
      expect(() => tags.push('c')).toThrow(TypeError);
      return step();
    });
    expect(result).toEqual({ tags: ['a'] });
  });

  it('outlives a replay, and travels to step workers without the message that names the step', async () => {
    const { world, code, process } = await run(async (step) => {
      setStepContext({ tenant: 'a' });
      await step();
      await sleep('1h');
      return step();
    });
    await process.stop();
    world.sharedQueue = new SharedQueue();
    const first = await world.boot(code, { role: 'orchestrator' });
    await world.boot(code, { role: 'step-worker' });
    const { runId } = await first.startRun({ workflow: 'w', args: [] });
    await settle();
    await first.stop();
    const second = await world.boot(code, { role: 'orchestrator' });
    await world.advance(3_600_000);
    expect(second.counters.replays).toBe(1);
    expect(await second.result(runId)).toEqual({ tenant: 'a' });
  });

  it('is refused by name if it is not valid, or cannot be stored, and the run goes on', async () => {
    const checkStepContext = (value: unknown): void => {
      if (value === 'bad') throw new Error('not valid');
    };
    const { process } = await run(
      async (step) => {
        setStepContext('good');
        const faults = ['bad', { deep: { f: () => {} } }].map((value) => {
          try {
            setStepContext(value);
            return 'taken';
          } catch (error) {
            return (error as Error).message;
          }
        });
        return [await step(), ...faults];
      },
      { checkStepContext },
    );
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    expect(await process.result(runId)).toEqual(['good', 'not valid', expect.stringContaining('step context.deep.f')]);
  });

  it('can be set in workflow code only, and read in workflows and steps only', async () => {
    expect(() => setStepContext(1)).toThrow('setStepContext() was called outside a workflow');
    expect(() => getStepContext()).toThrow('getStepContext() was called outside a workflow and outside a step');
    const world = new World();
    const code = new Code();
    const step = code.step('step', () => setStepContext(1), { retry: { maxRetries: 0 } });
    const process = await world.boot(code.workflow('w', () => step()));
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    await expect(process.result(runId)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('setStepContext() was called inside step "step"') },
    });
  });
});
