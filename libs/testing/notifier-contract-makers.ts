import type { Notice, Notifier } from '../core/index.js';

/** What a test of a notifier begins with. */
export interface NotifierFixture {
  /** Makes the notifier of one more process, not yet open. */
  connect(): Notifier | Promise<Notifier>;
  /** What the notifiers have reported so far. */
  readonly errors: readonly unknown[];
  /** What lies between the processes; absent if they share one object. */
  readonly channel?: NotifierChannelFixture;
  /** Closes what is open and removes what is left. */
  cleanup(): Promise<void>;
}

/** The channel of the notifiers that `connect` makes, seen from outside. */
export interface NotifierChannelFixture {
  /** Begins to write down the messages on the channel. */
  overhear(): Promise<readonly string[]>;
  /** Puts a text on the channel, as anybody could who may. */
  inject(text: string): Promise<void>;
  /** Ends all connections of the notifiers, as an administrator would. */
  cut(): Promise<void>;
  /** A notifier whose server cannot be reached until `comeBack` is called, which returns that of one more process, open. */
  outOfReach(): Promise<{ readonly notifier: Notifier; comeBack(): Promise<Notifier> }>;
}

const PATIENCE_MS = 15_000;

export const ended = (runId: string): Notice => ({ type: 'run.ended', runId });

/** Waits for something to be so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !isSo();) {
    if (Date.now() > deadline) throw new Error(`It did not come in time: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A process that listens, and writes down the runs that it hears of. */
export async function listening({ connect }: NotifierFixture): Promise<{ notifier: Notifier; heard: string[] }> {
  const notifier = await connect();
  await notifier.open();
  return { notifier, heard: hear(notifier) };
}

/** Begins to write down the runs that a notifier tells of; marks are left out. */
export function hear(notifier: Notifier): string[] {
  const heard: string[] = [];
  notifier.subscribe(({ runId }) => {
    if (!runId.startsWith(MARK)) heard.push(runId);
  });
  return heard;
}

const MARK = 'mark ';
let marks = 0;

/** Waits until what one has published must have reached the other: whatever comes after it has. */
export async function passes(from: Notifier, to: Notifier): Promise<void> {
  const mark = `${MARK}${++marks}`;
  let isThere = false;
  const stop = to.subscribe(({ runId }) => (isThere ||= runId === mark));
  from.publish(ended(mark));
  await until(() => isThere);
  stop();
}

/** Publishes again and again, as long as it may be lost, until the other hears it. */
export async function comesThrough(from: Notifier, to: Notifier): Promise<void> {
  const mark = `${MARK}${++marks}`;
  let isThere = false;
  const stop = to.subscribe(({ runId }) => (isThere ||= runId === mark));
  await until(() => {
    from.publish(ended(mark));
    return isThere;
  });
  stop();
}
