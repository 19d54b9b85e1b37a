import { HookExpiredError, HookNotFoundError, HookUsedError, type WorkflowClient } from 'nestjs-pyworkflow';
import type { Accepted } from '../app/expected.js';
import { type Job, tokenOf } from '../app/job.js';
import { pause } from './wait.js';

/** Delivers payloads to hooks, each of them twice or more, however long it takes until a hook is there. */
export class Courier {
  private readonly answers = new Map<string, Accepted[]>();
  private readonly underWay = new Set<Promise<void>>();
  private isStopped = false;

  constructor(private readonly client: WorkflowClient) {}

  /** What the hook of a run has said to each of its payloads: false if none was sent. */
  acceptedBy({ id }: Job): readonly Accepted[] {
    return this.answers.get(id) ?? [false];
  }

  send(job: Job, payloads: readonly number[], { afterMs }: { readonly afterMs: number }): void {
    const answers: Accepted[] = payloads.map(() => undefined);
    this.answers.set(job.id, answers);
    const sending = payloads.map(async (payload, index) => {
      await pause(afterMs);
      const deliveryId = `${job.id}-${index}`;
      answers[index] = await this.deliver(tokenOf(job), payload, deliveryId);
      // A sender that has missed the answer sends it again.
      await Promise.allSettled([0, 1].map(() => this.client.resumeHook(tokenOf(job), payload, { deliveryId })));
    });
    const sent: Promise<void> = Promise.all(sending).then(
      () => void this.underWay.delete(sent),
      () => void this.underWay.delete(sent),
    );
    this.underWay.add(sent);
  }

  /** Waits until all is delivered. */
  async finish(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Gives up what is not delivered. */
  stop(): void {
    this.isStopped = true;
  }

  private async deliver(token: string, payload: number, deliveryId: string): Promise<Accepted> {
    let isKnown = true;
    while (!this.isStopped) {
      try {
        await this.client.resumeHook(token, payload, { deliveryId });
        return true;
      } catch (error) {
        if (error instanceof HookUsedError || error instanceof HookExpiredError) return isKnown ? false : undefined;
        // An answer that was lost may have been a yes.
        if (!(error instanceof HookNotFoundError)) isKnown = false;
        await pause(100);
      }
    }
    return undefined;
  }
}
