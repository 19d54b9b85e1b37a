import { WorkflowCancelledError, WorkflowTimeoutError } from '../core/index.js';
import { createHook, RunCancelledError, RunFailedError, shield, sideEffect, sleep } from './index.js';
import { Code, deferred, kill, settle, type TestProcess, World } from './runtime.spec-helpers.js';

const GRACE_MS = 30_000;
const never = (): Promise<never> => new Promise(() => {});

function setting(body: (step: (what: string) => Promise<string>) => unknown, maxDurationMs?: number) {
  const world = new World();
  const code = new Code();
  const done: string[] = [];
  const step = code.step('step', (what: string) => {
    done.push(what);
    return what;
  });
  code.workflow('w', () => body(step), maxDurationMs === undefined ? {} : { maxDurationMs });
  return { world, code, done };
}

async function start(process: TestProcess): Promise<string> {
  const { runId } = await process.startRun({ workflow: 'w', args: [] });
  await settle();
  return runId;
}

async function errorOf(process: TestProcess, runId: string): Promise<Error> {
  const record = await process.ports.store.runs.get(runId);
  return process.ports.codec.decode(record!.error!) as Error;
}

describe('a run whose code awaits a promise that never settles', () => {
  it('ends as cancelled once it has had its time, and says where it was', async () => {
    const { world, code } = setting(async (step) => {
      await step('a');
      await never();
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(GRACE_MS - 1);
    expect(await world.status(runId)).toBe('suspended');
    await world.advance(1);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
    expect(await world.history(runId)).toEqual([
      'workflow.started',
      'step.scheduled step#1',
      'step.completed step#1',
      'workflow.cancel_requested',
      'workflow.cancelled',
    ]);
    const error = await errorOf(process, runId);
    expect(error).toBeInstanceOf(WorkflowCancelledError);
    expect(error.message).toContain('awaited something that is not durable for 30 s, behind step step#1.');
    expect(process.activator.sessions.size).toBe(0);
  });

  it('fails with its deadline, once it has had its time', async () => {
    const { world, code } = setting(never, 60_000);
    const process = await world.boot(code);
    const runId = await start(process);
    await world.advance(60_000 + GRACE_MS);
    await expect(process.result(runId)).rejects.toThrow(RunFailedError);
    const error = await errorOf(process, runId);
    expect(error).toBeInstanceOf(WorkflowTimeoutError);
    expect(error.message).toContain('before its first durable wait');
  });

  it.each<[string, (step: (what: string) => Promise<string>) => unknown]>([
    [
      'in a clean-up',
      (step) =>
        step('a')
          .then(() => sleep('1d'))
          .finally(never),
    ],
    ['behind a shield', () => shield(never)],
    ['in a side effect', () => sideEffect(never)],
    ['beside a step that it does not await', async (step) => [step('unawaited'), await never()]],
    ['between the payloads of a hook', async () => [createHook({ multiple: true }), await never()]],
  ])('ends although it awaits that %s', async (_where, body) => {
    const { world, code } = setting(body);
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(2 * GRACE_MS);
    expect(await world.status(runId)).toBe('cancelled');
  });

  it('is interrupted at once where it awaits something durable beside that', async () => {
    const { world, code, done } = setting(async (step) => {
      try {
        await Promise.all([never(), sleep('1d'), step('a')]);
      } finally {
        await step('tidy');
      }
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await settle();
    expect([await world.status(runId), done]).toEqual(['cancelled', ['a', 'tidy']]);
  });

  it('goes on undisturbed if what it awaits comes within its time', async () => {
    const gate = deferred<void>();
    const { world, code, done } = setting(async (step) => {
      try {
        await gate.promise;
        await sleep('1d');
      } finally {
        await step('tidy');
      }
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(GRACE_MS - 1);
    gate.resolve();
    await world.advance(1_000);
    expect(await world.status(runId)).toBe('cancelled');
    expect(done).toEqual(['tidy']);
  });

  it('gives a clean-up that awaits something durable all the time that it takes', async () => {
    const { world, code, done } = setting(async (step) => {
      try {
        await sleep('30d');
      } finally {
        await sleep('5m');
        await step('tidy');
      }
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(300_000);
    expect(done).toEqual(['tidy']);
  });

  it('issues nothing any more when that settles after the end', async () => {
    const gate = deferred<void>();
    const { world, code, done } = setting(async (step) => {
      await gate.promise;
      await step('late');
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(GRACE_MS);
    gate.resolve();
    await world.advance(1_000);
    expect(done).toEqual([]);
    expect((await world.history(runId)).at(-1)).toBe('workflow.cancelled');
  });

  it('is ended by the process that takes it over, which gives it its time again', async () => {
    const { world, code } = setting(async (step) => {
      await step('a');
      await never();
    });
    const first = await world.boot(code);
    const runId = await start(first);
    await first.cancel(runId);
    await world.advance(GRACE_MS - 1_000);
    kill(first);
    const second = await world.boot(code);
    await world.advance(20_000);
    expect(await world.status(runId)).not.toBe('cancelled');
    await world.advance(GRACE_MS + 20_000);
    expect(await world.status(runId)).toBe('cancelled');
    expect(second.activator.sessions.size).toBe(0);
  });

  it('is reported with the I/O that it began last, held meanwhile, and handed over when the process stops', async () => {
    const { world, code } = setting(async () => {
      setTimeout(() => {}, 0);
      await never();
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await world.advance(10 * GRACE_MS);
    const reports = world.logs.filter((line) => line.includes('has awaited something that is not durable'));
    expect(reports).toEqual([expect.stringMatching(/^warn: .*setTimeout\(\) at .*ordinary-wait\.spec\.ts:\d+/)]);
    expect(process.activator.sessions.has(runId)).toBe(true);
    await process.stop();
    expect(process.activator.sessions.size).toBe(0);
    expect(await world.store.runs.get(runId)).toMatchObject({ status: 'suspended' });
  });

  it('keeps no other run from going on', async () => {
    const { world, code, done } = setting(never);
    code.workflow('other', () => sleep('1m').then(() => done.push('other')));
    const process = await world.boot(code);
    for (let count = 0; count < 200; count++) await process.startRun({ workflow: 'w', args: [] });
    await process.startRun({ workflow: 'other', args: [] });
    await world.advance(60_000);
    expect(done).toEqual(['other']);
  });
});
