import type { ProcessRecord } from '../core/index.js';
import { frozenCopy } from './frozen-copy.js';

/** What processes have said of themselves, as long as they live. */
export class AnnouncedProcesses {
  private readonly announced = new Map<string, ProcessRecord>();

  announce(process: ProcessRecord): void {
    this.announced.set(process.owner, frozenCopy(process));
  }

  /** Those that live; the others are forgotten. */
  at(now: number): readonly ProcessRecord[] {
    for (const { owner, until } of this.announced.values()) if (until <= now) this.announced.delete(owner);
    return [...this.announced.values()];
  }
}
