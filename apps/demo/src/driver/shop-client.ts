import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_TRIES_MS = 250;

/**
 * Calls the shop as a customer's browser does that is tried again and again.
 *
 * Every request of the demo can be sent twice: the shop starts its workflows under keys, so one order is one run.
 */
export class ShopClient {
  /** Requests that got no answer at first, because the shop was down or died. */
  sentAgain = 0;

  constructor(
    readonly url: string,
    private readonly signal: AbortSignal,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.send<T>(path, { method: 'GET' });
  }

  post<T>(path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.send<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async delete(path: string): Promise<void> {
    await this.send(path, { method: 'DELETE' });
  }

  /** @throws ShopError for an answer that says no */
  private async send<T>(path: string, request: RequestInit): Promise<T> {
    for (let tries = 1; ; tries++) {
      this.signal.throwIfAborted();
      const response = await this.once(path, request);
      if (response) return response as T;
      if (tries === 1) this.sentAgain += 1;
      await pause(BETWEEN_TRIES_MS);
    }
  }

  private async once(path: string, request: RequestInit): Promise<unknown> {
    let status: number;
    let text: string;
    try {
      // A signal of its own: `fetch` leaves a listener on it that is collected late.
      const signal = AbortSignal.any([this.signal]);
      const response = await fetch(new URL(path, this.url), { ...request, signal });
      status = response.status;
      text = await response.text();
    } catch (error) {
      if (this.signal.aborted) throw error;
      return undefined;
    }
    if (status >= 400) throw new ShopError(status, text);
    return text === '' ? {} : (JSON.parse(text) as unknown);
  }
}

export class ShopError extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`The shop answered ${status}: ${text}`);
  }
}
