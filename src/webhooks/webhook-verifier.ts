import type { WebhookRequest } from './webhook-request.js';

/**
 * Whether a delivery comes from whom it should. What it throws is answered with 500, an HttpException as it says;
 * nothing is delivered then.
 */
export type VerifyWebhook = (request: WebhookRequest) => boolean | Promise<boolean>;

/** Names a delivery, so that the same one sent again changes nothing; undefined if it has no name. */
export type DeliveryIdOf = (request: WebhookRequest) => string | undefined | Promise<string | undefined>;

/** How deliveries are verified, such as `githubSignature({ secret })`. */
export interface WebhookVerifier {
  readonly verify: VerifyWebhook;
  /** How these deliveries are named, unless the definition of the hook says. */
  readonly deliveryId?: DeliveryIdOf;
  /** What is wrong with its options: listed when the application starts. */
  readonly faults?: readonly string[];
}
