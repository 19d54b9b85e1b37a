import { Radio } from './radio.spec-helpers.js';
import { Code, settle, World } from './runtime.spec-helpers.js';
import { SharedQueue } from './shared-queue.spec-helpers.js';

const SAFETY_NET_MS = 15_000;

/** A process that starts runs for another, and a count of how often it looks for them. */
async function clientAndHolder() {
  const world = new World();
  world.sharedQueue = new SharedQueue();
  const radio = new Radio();
  world.notifier = radio;
  const code = new Code().workflow('quick', () => 'done');
  const client = await world.boot(code, { role: 'client' });
  const boot = () => world.boot(code, { role: 'orchestrator' });
  return { world, radio, client, boot, looks: jest.spyOn(world.store.runs, 'get') };
}

/** A run that has ended, which nobody was told. */
async function endedUnheard() {
  const { boot, ...others } = await clientAndHolder();
  await boot();
  others.radio.isDown = true;
  const { runId } = await others.client.startRun({ workflow: 'quick', args: [] });
  await settle();
  return { ...others, runId };
}

describe('the result of a run that this process has stored for others', () => {
  it('is one look at the store, when it is told that the run has ended', async () => {
    const { client, boot, looks } = await clientAndHolder();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    const result = client.result(runId);
    await settle();
    expect(looks).not.toHaveBeenCalled();
    await boot();
    expect(await result).toBe('done');
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('is looked for at once, if the end was told before anybody waited', async () => {
    const { client, boot, looks } = await clientAndHolder();
    await boot();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    await settle();
    expect(await client.result(runId)).toBe('done');
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('is looked for at once, if the end was told before the store had answered', async () => {
    const { world, client, boot, looks } = await clientAndHolder();
    await boot();
    const commit = world.store.commit.bind(world.store);
    jest.spyOn(world.store, 'commit').mockImplementationOnce(async (creation) => {
      const answer = await commit(creation);
      await client.ports.queue.wake(creation.runId);
      await settle();
      return answer;
    });
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    expect(await world.status(runId)).toBe('completed');
    looks.mockClear();
    expect(await client.result(runId)).toBe('done');
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('is looked for at once by all but the first who wait', async () => {
    const { client, boot, looks } = await clientAndHolder();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    const results = [client.result(runId), client.result(runId)];
    await settle();
    expect(looks).toHaveBeenCalledTimes(1);
    await boot();
    expect(await Promise.all(results)).toEqual(['done', 'done']);
  });

  it.each([
    ['first', [100, Infinity, Infinity]],
    ['second', [Infinity, 100, Infinity]],
    ['last', [Infinity, Infinity, 100]],
  ])('is told to all who still wait, when the %s of three has stopped waiting', async (_, times) => {
    const { world, client, boot, looks } = await clientAndHolder();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    await world.advance(1_000);
    const results = Promise.allSettled(times.map((ms) => client.result(runId, ms)));
    await settle();
    await world.advance(100);
    looks.mockClear();
    await boot();
    await settle();
    const ends = (await results).map((end) => (end.status === 'fulfilled' ? end.value : 'timeout'));
    expect(ends).toEqual(times.map((ms) => (ms === Infinity ? 'done' : 'timeout')));
    expect(looks).toHaveBeenCalledTimes(2);
  });

  it('is looked for at once, if the run had been started before', async () => {
    const { client, boot, radio } = await clientAndHolder();
    await boot();
    const start = { workflow: 'quick', args: [], runId: 'the-run' };
    await client.startRun(start);
    await settle();
    radio.isDown = true;
    expect(await client.startRun(start)).toEqual({ runId: 'the-run', isNew: false });
    expect(await client.result('the-run')).toBe('done');
  });

  it('is looked for again at once, if the end was told while the first look was under way', async () => {
    const { world, client, boot, looks } = await clientAndHolder();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    await world.advance(1_000);
    const before = await world.store.runs.get(runId);
    looks.mockClear();
    looks.mockImplementationOnce(async () => {
      await boot();
      await settle();
      return before;
    });
    expect(await client.result(runId)).toBe('done');
    expect(looks).toHaveBeenCalledTimes(2);
  });

  it('is looked for again at once, if the end was told while a later look was under way', async () => {
    const { world, client, boot, looks } = await clientAndHolder();
    const { runId } = await client.startRun({ workflow: 'quick', args: [] });
    await world.advance(1_000);
    const before = await world.store.runs.get(runId);
    const result = client.result(runId);
    await settle();
    looks.mockClear();
    looks.mockImplementationOnce(async () => {
      await boot();
      await settle();
      return before;
    });
    await world.advance(SAFETY_NET_MS);
    expect(await result).toBe('done');
    expect(looks).toHaveBeenCalledTimes(2);
  });

  it('is looked for at once, if its end may have been missed', async () => {
    const { client, radio, runId } = await endedUnheard();
    radio.comeBack();
    expect(await client.result(runId)).toBe('done');
  });

  it('is looked for within the safety net, if its end was never told', async () => {
    const { world, client, runId } = await endedUnheard();
    const result = client.result(runId);
    await world.advance(SAFETY_NET_MS);
    expect(await result).toBe('done');
  });

  it('is looked for at once, if there is no time to wait', async () => {
    const { client, runId } = await endedUnheard();
    expect(await client.result(runId, 0)).toBe('done');
  });

  it('is looked for at once, if the run could not be stored', async () => {
    const { world, client } = await clientAndHolder();
    jest.spyOn(world.store, 'commit').mockRejectedValueOnce(new Error('The disk is full.'));
    const start = { workflow: 'quick', args: [], runId: 'the-run' };
    await expect(client.startRun(start)).rejects.toThrow('The disk is full.');
    await expect(client.result('the-run')).rejects.toThrow('the-run');
  });

  it('is looked for at once, if it is asked for a second after the start, whatever was told', async () => {
    const { world, client, runId } = await endedUnheard();
    await world.advance(1_000);
    expect(await client.result(runId)).toBe('done');
  });
});
