import type { Commit } from '../core/index.js';
import { MemoryStore } from '../memory/index.js';
import { createHook } from './index.js';
import { Code, deferred, settle, World } from './runtime.spec-helpers.js';

/** A store whose commits can be held up before they are written. */
class HeldStore extends MemoryStore {
  readonly commits: Commit[] = [];
  releases = 0;
  hold: (commit: Commit) => Promise<void> | undefined = () => undefined;
  holdRelease: () => Promise<void> | undefined = () => undefined;

  constructor() {
    super({ exclusive: false });
  }

  override async commit(commit: Commit) {
    this.commits.push(commit);
    await this.hold(commit);
    return super.commit(commit);
  }

  override async release(releases: Parameters<MemoryStore['release']>[0]) {
    this.releases += 1;
    await this.holdRelease();
    return super.release(releases);
  }

  get written(): readonly string[][] {
    return this.commits.map(({ events }) =>
      events.map((event) => ('id' in event ? `${event.type} ${event.id}` : event.type)),
    );
  }
}

const holds = ({ events }: Commit, type: string, id?: string): boolean =>
  events.some((event) => event.type === type && (id === undefined || ('id' in event && event.id === id)));

/** Nothing but a wake may bring a run on. */
const NO_SWEEP = { recoveryIntervalMs: 1e9 };

async function given(hold: (commit: Commit) => boolean) {
  const store = new HeldStore();
  const gate = deferred<void>();
  store.hold = (commit) => (hold(commit) ? gate.promise : undefined);
  const code = new Code();
  const begun: string[] = [];
  const step = (name: string) =>
    code.step(name, () => {
      begun.push(name);
      return name;
    });
  const [first, second] = [step('first'), step('second')];
  code.workflow('two steps', async () => [await first(), await second()]);
  code.workflow('hooks', async () => [
    await createHook<string>({ token: 'first-token' }),
    await createHook<string>({ token: 'second-token' }),
  ]);
  const world = new World(store);
  const process = await world.boot(code, NO_SWEEP);
  return { store, gate, begun, process, world };
}

describe('P4: nothing depends on what is not durable', () => {
  it.each([
    ['first', []],
    ['second', ['first']],
  ])('so step "%s" does not begin before the commit that holds its call', async (name, before) => {
    const { gate, begun, process } = await given((commit) => holds(commit, 'step.scheduled', `${name}#1`));
    const start = process.startRun({ workflow: 'two steps', args: [], runId: 'run' });
    await settle();
    expect(begun).toEqual(before);
    gate.resolve();
    await start;
    expect(await process.result('run')).toEqual(['first', 'second']);
    expect(begun).toEqual(['first', 'second']);
  });

  it('so no result is told before it is committed', async () => {
    const { gate, process } = await given((commit) => holds(commit, 'workflow.completed'));
    await process.startRun({ workflow: 'two steps', args: [], runId: 'run' });
    let told: unknown = 'nothing';
    const result = process.result('run').then((value) => (told = value));
    await settle();
    expect(told).toBe('nothing');
    await expect(process.result('run', 0)).rejects.toThrow('has not ended');
    gate.resolve();
    expect(await result).toEqual(['first', 'second']);
  });

  it('so an outcome and the commands it causes share one commit', async () => {
    const { store, process } = await given(() => false);
    await process.startRun({ workflow: 'two steps', args: [], runId: 'run' });
    await process.result('run');
    expect(store.written).toEqual([
      ['workflow.started', 'step.scheduled first#1'],
      ['step.completed first#1', 'step.scheduled second#1'],
      ['step.completed second#1', 'workflow.completed'],
    ]);
  });
});

describe('P6: no wake-up is lost', () => {
  it('when it comes while its run is being activated', async () => {
    const { gate, process } = await given((commit) => holds(commit, 'hook.received', 'hook#1'));
    await process.startRun({ workflow: 'hooks', args: [], runId: 'run' });
    await process.deliverHook('first-token', 'a');
    await settle();
    await process.cancel('run');
    await settle();
    gate.resolve();
    await expect(process.result('run')).rejects.toThrow('was cancelled');
  });

  it('when it comes while its run is being given up', async () => {
    const { store, gate, process, world } = await given(() => false);
    store.holdRelease = () => gate.promise;
    await process.startRun({ workflow: 'hooks', args: [], runId: 'run' });
    await world.advance(6_000); // longer than a waiting run stays in memory
    expect(store.releases).toBe(1);
    await process.deliverHook('first-token', 'a');
    await settle();
    gate.resolve();
    await settle();
    await process.deliverHook('second-token', 'b');
    expect(await process.result('run')).toEqual(['a', 'b']);
  });
});
