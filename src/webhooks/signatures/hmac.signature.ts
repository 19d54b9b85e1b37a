import { aText, faultsOf, oneOf, type Rule, type Rules } from '../../checks/rules.js';
import type { WebhookVerifier } from '../webhook-verifier.js';
import { isSignedBy } from './digests.js';
import { secretFaults, type SecretOptions, secretsOf } from './secrets.js';

/** What `hmacSignature` takes: where the signature stands, and how it is made. */
export interface HmacSignatureOptions extends SecretOptions {
  /** The header that the signature stands in, such as `x-signature`. */
  readonly header: string;
  /** @default 'sha256' */
  readonly algorithm?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** How the signature is written. @default 'hex' */
  readonly encoding?: 'hex' | 'base64' | 'base64url';
  /** What stands before the signature in its header, such as `sha256=`. @default '' */
  readonly prefix?: string;
}

const aHeader: Rule = (value) =>
  typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? undefined : 'the name of a header';

const RULES: Rules = {
  secret: () => undefined,
  secrets: () => undefined,
  header: aHeader,
  algorithm: oneOf('sha1', 'sha256', 'sha384', 'sha512'),
  encoding: oneOf('hex', 'base64', 'base64url'),
  prefix: aText,
} satisfies Record<keyof HmacSignatureOptions, Rule>;

/**
 * Accepts deliveries whose body is signed with an HMAC, by whoever shares a secret with you.
 *
 * It cannot tell a delivery from the same one sent again: that is for the id of the delivery.
 *
 * @publicApi
 */
export function hmacSignature(options: HmacSignatureOptions): WebhookVerifier {
  return hmacVerifier('hmacSignature()', options);
}

/** @param what the preset, for messages */
export function hmacVerifier(what: string, options: HmacSignatureOptions): WebhookVerifier {
  return {
    faults: optionFaults(what, options),
    verify: async (request) => {
      const { header, algorithm = 'sha256', encoding = 'hex', prefix = '' } = options;
      const parts = [request.rawBody];
      const secrets = await secretsOf(what, options);
      const given = request.header(header);
      if (!given?.startsWith(prefix)) return false;
      return isSignedBy({ secrets, algorithm, encoding, parts }, [given.slice(prefix.length)]);
    },
  };
}

function optionFaults(what: string, options: HmacSignatureOptions): readonly string[] {
  const faults = faultsOf(what, options, RULES);
  if (typeof options !== 'object' || options === null) return faults;
  const noHeader = options.header === undefined ? [`${what}: header is missing: which one has the signature?`] : [];
  return [...faults, ...noHeader, ...secretFaults(what, options)];
}
