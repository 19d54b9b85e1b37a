import { anInteger, faultsOf, type Rule, type Rules } from '../../checks/rules.js';
import type { WebhookRequest } from '../webhook-request.js';
import type { WebhookVerifier } from '../webhook-verifier.js';
import { isSignedBy } from './digests.js';
import { secretFaults, type SecretOptions, secretsOf } from './secrets.js';

/** What `stripeSignature` takes. */
export interface StripeSignatureOptions extends SecretOptions {
  /** How far the time of the signature may be from the clock of the engine, in seconds. @default 300 */
  readonly toleranceSeconds?: number;
}

interface StripeHeader {
  readonly timestamp: string;
  readonly signatures: readonly string[];
}

const WHAT = 'stripeSignature()';
const DEFAULT_TOLERANCE_SECONDS = 300;
/** Stripe sends one signature for each secret that is in force. */
const MOST_SIGNATURES = 10;

const RULES: Rules = {
  secret: () => undefined,
  secrets: () => undefined,
  toleranceSeconds: anInteger(1),
} satisfies Record<keyof StripeSignatureOptions, Rule>;

/**
 * Accepts events that Stripe has signed, in `stripe-signature`, not long ago. An event is named by its id, which is
 * signed with it: the same event sent again changes nothing.
 *
 * @publicApi
 */
export function stripeSignature(options: StripeSignatureOptions): WebhookVerifier {
  return {
    faults: optionFaults(options),
    deliveryId: ({ payload }) => idOf(payload),
    verify: async (request) => {
      const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = options;
      const parts = [request.rawBody];
      const secrets = await secretsOf(WHAT, options);
      const header = parse(request.header('stripe-signature'));
      if (!header || !isRecent(request, header, toleranceSeconds)) return false;
      const signed = [`${header.timestamp}.`, ...parts];
      return isSignedBy({ secrets, algorithm: 'sha256', encoding: 'hex', parts: signed }, header.signatures);
    },
  };
}

/** `t=1492774577,v1=5257a8...,v1=...,v0=...`: one time, and one signature or more. */
function parse(header: string | undefined): StripeHeader | undefined {
  const items = (header ?? '').split(',').map((item) => item.trim());
  const valuesOf = (key: string): readonly string[] =>
    items.filter((item) => item.startsWith(`${key}=`)).map((item) => item.slice(key.length + 1));
  const [timestamp, ...others] = valuesOf('t');
  const signatures = valuesOf('v1');
  if (timestamp === undefined || others.length > 0 || !/^\d{1,12}$/.test(timestamp)) return undefined;
  return signatures.length > MOST_SIGNATURES ? undefined : { timestamp, signatures };
}

function isRecent({ receivedAt }: WebhookRequest, { timestamp }: StripeHeader, toleranceSeconds: number): boolean {
  return Math.abs(receivedAt.getTime() / 1_000 - Number(timestamp)) <= toleranceSeconds;
}

function idOf(event: unknown): string | undefined {
  const id: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'id') : undefined;
  return typeof id === 'string' ? id : undefined;
}

function optionFaults(options: StripeSignatureOptions): readonly string[] {
  const faults = faultsOf(WHAT, options, RULES);
  return typeof options !== 'object' || options === null ? faults : [...faults, ...secretFaults(WHAT, options)];
}
