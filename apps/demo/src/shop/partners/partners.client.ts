import { Injectable } from '@nestjs/common';
import { FatalError, getCurrentContext, Serializable, type StepContext } from 'nestjs-pyworkflow';
import { ShopConfig } from '../shop.config.js';

type Answer<T> = { readonly value: T } | { readonly refusal: string };

/**
 * A partner has said no, and would say so again: a FatalError, so that the step is not tried again. Registered by a
 * name, so that a workflow catches the same class when it is replayed in another process.
 */
@Serializable('RefusedError')
export class RefusedError extends FatalError {
  constructor(
    readonly partner: string,
    readonly refusal: string,
  ) {
    super(`${partner} refused: ${refusal}`);
  }
}

/** Calls the partners' HTTP API, from within steps. */
@Injectable()
export class PartnersClient {
  constructor(private readonly config: ShopConfig) {}

  /**
   * @param about what the call is about, for the partner's books
   * @throws RefusedError if a second try is in vain; any other error is worth one
   */
  async call<T>(partner: string, action: string, about: string, request: object): Promise<T> {
    // All attempts of a step call have one key, also those of a process that came after: it is one effect.
    const { idempotencyKey: key, signal } = getCurrentContext() as StepContext;
    const response = await fetch(`${this.config.partnersUrl}/${partner}/${action}`, {
      method: 'POST',
      body: JSON.stringify({ key, pid: process.pid, about, request }),
      signal,
    });
    if (!response.ok) throw new Error(`${partner} is unavailable (${response.status}).`);
    const answer = (await response.json()) as Answer<T>;
    if ('refusal' in answer) throw new RefusedError(partner, answer.refusal);
    return answer.value;
  }
}
