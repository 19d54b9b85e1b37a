import type { WebhookVerifier } from '../webhook-verifier.js';
import { hmacVerifier } from './hmac.signature.js';
import type { SecretOptions } from './secrets.js';

/**
 * Accepts deliveries that GitHub has signed, in `x-hub-signature-256`.
 *
 * A delivery is named by `x-github-delivery`, which GitHub does not sign: whoever has got hold of a delivery can send
 * it again under another name. It changes something only if the hook takes many payloads.
 *
 * @publicApi
 */
export function githubSignature(options: SecretOptions): WebhookVerifier {
  const header = { header: 'x-hub-signature-256', prefix: 'sha256=' };
  return {
    ...hmacVerifier('githubSignature()', { ...options, ...header }),
    deliveryId: (request) => request.header('x-github-delivery'),
  };
}
