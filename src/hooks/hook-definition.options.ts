import type { Duration } from '../../libs/core/index.js';
import type { DeliveryIdOf, VerifyWebhook, WebhookVerifier } from '../webhooks/webhook-verifier.js';
import type { WebhookResponder, WebhookResponse } from '../webhooks/webhook-response.js';

/** What `defineHook` takes besides a name and a class. */
export interface HookDefinitionOptions<T = unknown> {
  /** Rejects with HookExpiredError when nothing came in that time. @default never */
  readonly timeout?: Duration;
  /** Takes any number of payloads: read them with `for await`, end with `close()`. @default false */
  readonly multiple?: boolean;
  /**
   * Who may deliver over HTTP: `hmacSignature()`, `githubSignature()`, `stripeSignature()` or a function of your own.
   * @default whoever has the token
   */
  readonly verify?: WebhookVerifier | VerifyWebhook;
  /**
   * What names a delivery over HTTP, so that the same one sent again changes nothing: a header, or a function.
   * @default that of `verify`, else the header `idempotency-key`, `webhook-id`, `x-github-delivery` or `x-delivery-id`
   */
  readonly deliveryId?: string | DeliveryIdOf;
  /**
   * What the sender is answered once the payload is accepted; a function is called again when it is sent again.
   * @default 202 with `{ "status": "accepted" }`
   */
  readonly response?: WebhookResponse | WebhookResponder<T>;
}
