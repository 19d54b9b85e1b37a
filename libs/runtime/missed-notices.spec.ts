import { MemoryStore } from '../memory/index.js';
import { createHook, getCurrentContext, type StepContext } from './index.js';
import { Radio } from './radio.spec-helpers.js';
import { Code, deferred, settle, World } from './runtime.spec-helpers.js';
import { SharedQueue } from './shared-queue.spec-helpers.js';

const HOUR = 3_600_000;

function equalProcesses() {
  const world = new World(new MemoryStore({ exclusive: false }));
  const radio = new Radio();
  world.notifier = radio;
  world.wakesByNotifier = true;
  return { world, radio };
}

/** A run that asks a step for its signal, and waits for it to fire. */
function withLongStep() {
  const signals: AbortSignal[] = [];
  const code = new Code();
  const never = deferred<void>();
  const long = code.step('long', () => {
    signals.push((getCurrentContext() as StepContext).signal);
    return never.promise;
  });
  code.workflow('w', () => long());
  return { code, signals };
}

describe('what was told while a process could not hear', () => {
  it('is looked for as soon as it hears again: the results that it waits for, and the messages of its runs', async () => {
    const { world, radio } = equalProcesses();
    const code = new Code().workflow('w', () => createHook<string>({ token: 'the-token' }));
    const options = { recoveryIntervalMs: HOUR, leaseMs: HOUR, sessionIdleMs: HOUR };
    const [holder, other] = [await world.boot(code, options), await world.boot(code, options)];
    const { runId } = await holder.startRun({ workflow: 'w', args: [] });
    const result = other.result(runId);
    await settle();
    radio.isDown = true;
    await other.deliverHook('the-token', 'yes');
    await settle();
    expect([...holder.activator.sessions.keys()]).toEqual([runId]);
    radio.comeBack();
    await settle();
    expect(await world.status(runId)).toBe('completed');
    expect(await result).toBe('yes');
  });

  it('is looked for by a process that waits for the result alone', async () => {
    const { world, radio } = equalProcesses();
    const code = new Code().workflow('w', () => createHook<string>({ token: 'the-token' }));
    const [holder, other] = [await world.boot(code), await world.boot(code)];
    const { runId } = await holder.startRun({ workflow: 'w', args: [] });
    let result: unknown;
    void other.result(runId).then((value) => (result = value));
    await settle();
    radio.isDown = true;
    await holder.deliverHook('the-token', 'yes');
    await world.advance(0);
    radio.comeBack();
    await settle();
    await settle();
    expect(result).toBe('yes');
  });

  it('is looked for by a worker whose steps are to stop', async () => {
    const { world, radio } = equalProcesses();
    world.sharedQueue = new SharedQueue();
    const { code, signals } = withLongStep();
    const options = { leaseMs: HOUR, recoveryIntervalMs: HOUR };
    const holder = await world.boot(code, { ...options, role: 'orchestrator' });
    await world.boot(code, { ...options, role: 'step-worker' });
    const { runId } = await holder.startRun({ workflow: 'w', args: [] });
    await settle();
    radio.isDown = true;
    await holder.cancel(runId);
    await settle();
    expect(await world.status(runId)).toBe('cancelled');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    radio.comeBack();
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

it('a message whose wake is lost is found within the recovery interval, also while a long step runs', async () => {
  const { world, radio } = equalProcesses();
  const { code, signals } = withLongStep();
  const [holder, other] = [await world.boot(code), await world.boot(code)];
  const { runId } = await holder.startRun({ workflow: 'w', args: [] });
  await settle();
  await world.advance(60_000);
  radio.isDown = true;
  await other.cancel(runId);
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  await world.advance(15_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await world.status(runId)).toBe('cancelled');
});

it('a message whose wake is lost is found within the recovery interval, also by a run that never rests', async () => {
  const { world, radio } = equalProcesses();
  const code = new Code();
  const short = code.step(
    'short',
    () => new Promise<void>((resolve) => void world.clock.schedule(world.clock.now() + 1_000, resolve)),
  );
  code.workflow('w', async () => {
    for (;;) await short();
  });
  const [holder, other] = [await world.boot(code), await world.boot(code)];
  const { runId } = await holder.startRun({ workflow: 'w', args: [] });
  await settle();
  radio.isDown = true;
  await other.cancel(runId);
  await world.advance(10_000);
  expect(await world.status(runId)).toBe('running');
  await world.advance(6_000);
  expect(await world.status(runId)).toBe('cancelled');
});
