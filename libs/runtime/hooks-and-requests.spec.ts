import { HookConflictError, HookExpiredError } from '../core/index.js';
import { Code, deferred, settle, World } from './runtime.spec-helpers.js';
import {
  createDefinedHook,
  createHook,
  createWebhook,
  getCurrentContext,
  hook,
  HookNotDefinedError,
  HookNotFoundError,
  HookUsedError,
  RunCancelledError,
  RunEndedError,
  RunNotFoundError,
  sleep,
  type StepContext,
} from './index.js';

const approval = new Code().workflow('approval', async () => {
  try {
    return await createHook<string>({ token: 'approval-token', timeout: '1h' });
  } catch (error) {
    return (error as Error).constructor.name;
  }
});

const collector = new Code().workflow('collector', async (count: number) => {
  const payloads: string[] = [];
  for await (const payload of createHook<string>({ token: 'many-token', multiple: true })) {
    payloads.push(payload);
    if (payloads.length === count) break;
  }
  return payloads;
});

describe('a hook', () => {
  it('has no URL in a process that knows no address, and is not opened as a webhook there', async () => {
    const world = new World();
    const code = new Code().workflow('webhook', async () => {
      try {
        return createWebhook().url;
      } catch (error) {
        return (error as Error).message;
      }
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'webhook', args: [] });
    expect(await process.result(runId)).toContain('publicUrl');
    expect(await world.history(runId)).not.toContain('hook.created webhook#1');
  });

  it('has one winner among fifty deliveries at once', async () => {
    const world = new World();
    const process = await world.boot(approval);
    const { runId } = await process.startRun({ workflow: 'approval', args: [] });
    const deliveries = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => process.deliverHook('approval-token', `answer ${i}`)),
    );
    const losers = deliveries.filter((delivery) => delivery.status === 'rejected');
    expect(losers).toHaveLength(49);
    for (const { reason } of losers) expect(reason).toBeInstanceOf(HookUsedError);
    expect(await process.result(runId)).toMatch(/^answer \d+$/);
  });

  it('expires with an error that the workflow can catch, and says so to who comes late', async () => {
    const world = new World();
    const process = await world.boot(approval);
    const { runId } = await process.startRun({ workflow: 'approval', args: [] });
    await world.advance(3_600_000);
    expect(await process.result(runId)).toBe('HookExpiredError');
    await expect(process.deliverHook('approval-token', 1)).rejects.toThrow(HookExpiredError);
  });

  it('that is delivered before its expiry is committed is delivered', async () => {
    const world = new World();
    const process = await world.boot(approval);
    const { runId } = await process.startRun({ workflow: 'approval', args: [] });
    await world.advance(3_599_999);
    // The delivery reaches the store, and its wake is lost.
    const delivery = { token: 'approval-token', payload: '"in time"', deliveryId: 'd', receivedAt: world.clock.now() };
    expect(await world.store.deliverHook(delivery)).toMatchObject({ type: 'delivered' });
    await world.advance(60_000);
    expect(await process.result(runId)).toBe('in time');
    expect(await world.history(runId)).not.toContain('hook.expired hook#1');
  });

  it('that is defined gets nothing that was held to no definition', async () => {
    const world = new World();
    const process = await world.boot(
      new Code().workflow('defined', async () => createDefinedHook<string>({ token: 'defined-token' })),
    );
    const { runId } = await process.startRun({ workflow: 'defined', args: [] });
    const deliver = (terms: object) => process.deliverHook('defined-token', 'yes', 'd', terms);
    await expect(deliver({ unlessDefined: true })).rejects.toThrow(HookNotDefinedError);
    await deliver({});
    expect(await process.result(runId)).toBe('yes');
  });

  it('is given to a run of this process without a look at its inbox', async () => {
    const world = new World();
    const process = await world.boot(approval);
    const { runId } = await process.startRun({ workflow: 'approval', args: [] });
    const look = jest.spyOn(world.store, 'inbox');
    await process.deliverHook('approval-token', 'yes');
    expect(await process.result(runId)).toBe('yes');
    expect(look).not.toHaveBeenCalled();
    expect(await world.store.inbox(runId)).toEqual([]);
  });

  it('comes behind what has been delivered before, also if nobody has told the run of that', async () => {
    const world = new World();
    const process = await world.boot(collector);
    const { runId } = await process.startRun({ workflow: 'collector', args: [2] });
    const early = { token: 'many-token', payload: '"early"', deliveryId: 'd', receivedAt: world.clock.now() };
    await world.store.deliverHook(early);
    await process.deliverHook('many-token', 'late');
    expect(await process.result(runId)).toEqual(['early', 'late']);
  });

  it('is taken once, though the store answers only after the run has been given up, taken again and told', async () => {
    const world = new World();
    const process = await world.boot(collector);
    const { runId } = await process.startRun({ workflow: 'collector', args: [2] });
    const answer = deferred<void>();
    const deliver = world.store.deliverHook.bind(world.store);
    jest.spyOn(world.store, 'deliverHook').mockImplementationOnce(async (delivery) => {
      const result = await deliver(delivery);
      await answer.promise;
      return result;
    });
    const delivered = process.deliverHook('many-token', 'once');
    await settle();
    // Once to find the message in the inbox, and once to have forgotten that it was there.
    for (let times = 0; times < 2; times++) {
      process.activator.sessions.get(runId)!.close();
      process.activator.wake(runId);
      await settle();
    }
    expect(await world.history(runId)).toContain('hook.received hook#1');
    answer.resolve();
    await delivered;
    await settle();
    await process.deliverHook('many-token', 'last');
    expect(await process.result(runId)).toEqual(['once', 'last']);
  });

  it('with a token that is in use rejects that await only', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('taker', async () => {
      const before = createHook({ name: 'other', token: 'another-token' });
      const caught = await createHook({ token: 'approval-token' }).catch((error: unknown) => error);
      return [caught instanceof HookConflictError, await before];
    });
    const process = await world.boot(approval);
    await process.startRun({ workflow: 'approval', args: [] });
    const other = await world.boot(code);
    const { runId } = await other.startRun({ workflow: 'taker', args: [] });
    await settle();
    await other.deliverHook('another-token', 'fine');
    expect(await other.result(runId)).toEqual([true, 'fine']);
  });

  it('cannot be delivered to before it is committed', async () => {
    const world = new World();
    const process = await world.boot(approval);
    const start = process.startRun({ workflow: 'approval', args: [] });
    await expect(process.deliverHook('approval-token', 1)).rejects.toThrow(HookNotFoundError);
    const { runId } = await start;
    await process.deliverHook('approval-token', 2);
    expect(await process.result(runId)).toBe(2);
  });

  it('of many payloads gives them in the order of their deliveries, each once', async () => {
    const world = new World();
    const code = new Code();
    code.workflow('inbox', async () => {
      const received: unknown[] = [];
      for await (const payload of createHook({ token: 'many-payloads', multiple: true })) {
        received.push(payload);
        if (received.length === 3) break;
      }
      return received;
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'inbox', args: [] });
    for (const payload of ['a', 'b', 'b', 'c']) await process.deliverHook('many-payloads', payload, payload);
    expect(await process.result(runId)).toEqual(['a', 'b', 'c']);
    await expect(process.deliverHook('many-payloads', 'd')).rejects.toThrow(HookUsedError);
  });

  it('is handed to onCreated once, and its default token cannot be guessed', async () => {
    const world = new World();
    const code = new Code();
    const sent: string[] = [];
    const send = code.step('send', (token: string) => void sent.push(token));
    code.workflow('w', () => hook('ask', { onCreated: ({ token }) => send(token) }));
    const process = await world.boot(code);
    const runs = [
      await process.startRun({ workflow: 'w', args: [] }),
      await process.startRun({ workflow: 'w', args: [] }),
    ];
    await settle();
    expect(new Set(sent).size).toBe(2);
    for (const token of sent) expect(token).toMatch(/^[\w-]{43}$/);
    await process.deliverHook(sent[0]!, 'first');
    expect(await process.result(runs[0]!.runId)).toBe('first');
  });
});

describe('a cancelled run', () => {
  it('runs its catch and finally, steps in them included, and ends once', async () => {
    const world = new World();
    const code = new Code();
    const done: string[] = [];
    const note = code.step('note', (what: string) => void done.push(what));
    code.workflow('w', async () => {
      try {
        await sleep('30d');
      } catch (error) {
        await note('cleaned up');
        throw error;
      } finally {
        await note('finally');
      }
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await world.advance(60_000);
    await process.cancel(runId);
    await world.advance(1_000);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
    expect(done).toEqual(['cleaned up', 'finally']);
    expect(await world.status(runId)).toBe('cancelled');
    await expect(process.cancel(runId)).rejects.toThrow(RunEndedError);
  });

  it('tells the step that runs', async () => {
    const world = new World();
    const code = new Code();
    const told = deferred<string>();
    const endless = code.step('endless', () => {
      const { signal } = getCurrentContext() as StepContext;
      signal.addEventListener('abort', () => told.resolve((signal.reason as Error).name));
      return new Promise(() => {});
    });
    code.workflow('w', () => endless());
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'w', args: [] });
    await settle();
    await process.cancel(runId);
    await settle();
    expect(await told.promise).toBe('WorkflowCancelledError');
    expect(await world.status(runId)).toBe('cancelled');
  });

  it('must exist', async () => {
    const process = await new World().boot(new Code());
    await expect(process.cancel('nobody')).rejects.toThrow(RunNotFoundError);
    await expect(process.resume('nobody')).rejects.toThrow(RunNotFoundError);
    await expect(process.result('nobody')).rejects.toThrow(RunNotFoundError);
  });
});
