import { Probe } from './probe.js';

/** What a workflow in another process has told its probe. */
export type ProbeMessage =
  | { readonly probe: 'due' | 'woken'; readonly index: number; readonly at: number }
  | { readonly probe: 'waiting'; readonly key: string; readonly at: number };

/** Passes on to the process of the measurement what workflows tell, but not what each step does: that would cost. */
export class RemoteProbe extends Probe {
  constructor(private readonly send: (message: ProbeMessage) => void) {
    super();
  }

  override sleeps(index: number, ms: number): void {
    this.send({ probe: 'due', index, at: wallTime() + ms });
  }

  override wakes(index: number): void {
    this.send({ probe: 'woken', index, at: wallTime() });
  }

  override waits(key: string): void {
    this.send({ probe: 'waiting', key, at: wallTime() });
  }
}

export function isProbeMessage(message: unknown): message is ProbeMessage {
  return typeof message === 'object' && message !== null && 'probe' in message;
}

/** Tells a probe of this process, whose clock begins elsewhere. Only the first execution of the code counts. */
export function passOn(message: ProbeMessage, probe: Probe): void {
  const at = message.at - performance.timeOrigin;
  if (message.probe === 'waiting') probe.waiting.set(message.key, at);
  else if (!probe[message.probe].has(message.index)) probe[message.probe].set(message.index, at);
}

function wallTime(): number {
  return performance.timeOrigin + performance.now();
}
