import { RawBodyMissingError } from './raw-body-missing.error.js';

/** The headers of a delivery, by names in small letters. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

interface RequestFacts {
  readonly headers: WebhookHeaders;
  readonly payload: unknown;
  readonly rawBody: Buffer | undefined;
  readonly receivedAt: Date;
  readonly hookId: string;
  readonly runId: string;
}

/** A delivery over HTTP, as functions of a definition see it: before its payload is validated. */
export class WebhookRequest {
  /** By names in small letters. */
  readonly headers: WebhookHeaders;
  /** The body: JSON, the fields of a form, text, or undefined. Nothing about it is checked yet. */
  readonly payload: unknown;
  /** By the clock of the engine. */
  readonly receivedAt: Date;
  /** Its name and occurrence, such as `approval#1`. */
  readonly hookId: string;
  readonly runId: string;
  readonly #rawBody: Buffer | undefined;

  constructor({ rawBody, ...facts }: RequestFacts) {
    ({
      headers: this.headers,
      payload: this.payload,
      receivedAt: this.receivedAt,
      hookId: this.hookId,
      runId: this.runId,
    } = facts);
    this.#rawBody = rawBody;
  }

  /** The header of this name; undefined if it is missing, or stands there more than once. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return typeof value === 'string' ? value : undefined;
  }

  /**
   * The bytes of the body as they came, which signatures are made over.
   *
   * @throws RawBodyMissingError unless the application was created with `{ rawBody: true }`
   */
  get rawBody(): Buffer {
    if (this.#rawBody) return this.#rawBody;
    throw new RawBodyMissingError(this.hookId);
  }
}
