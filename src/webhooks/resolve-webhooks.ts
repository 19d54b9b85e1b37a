import { aBoolean, anInteger, faultsOf, type Rule, type Rules } from '../checks/rules.js';
import type { WebhookOptions } from './webhook.options.js';

/** The options of webhooks, complete and checked. */
export interface ResolvedWebhooks {
  readonly bodyLimit: number;
  readonly definedOnly: boolean;
}

const DEFAULT_PATH = 'workflow/hooks';
const PATH = /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/;

const aPath: Rule = (value) =>
  typeof value === 'string' && PATH.test(value) ? undefined : "a path without parameters, such as 'workflow/hooks'";
const isGuard = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && typeof Reflect.get(value, 'canActivate') === 'function');
const guards: Rule = (value) =>
  Array.isArray(value) && value.every(isGuard) ? undefined : 'a list of guards, each a class or an instance';
const aList: Rule = (value) => (Array.isArray(value) ? undefined : 'a list of modules');

const RULES: Rules = {
  path: aPath,
  guards,
  imports: aList,
  bodyLimit: anInteger(1),
  definedOnly: aBoolean,
} satisfies Record<keyof WebhookOptions, Rule>;

export function webhookFaults(webhooks: unknown, publicUrl: string | undefined): readonly string[] {
  if (webhooks === null) return [];
  const faults = faultsOf('webhooks', webhooks, RULES);
  if (publicUrl === undefined) {
    faults.push(
      'webhooks need publicUrl, from which hooks make their URLs: the address at which this application is reached from outside, ' +
        'such as https://shop.example. Set it, or PYWORKFLOW_PUBLIC_URL; on your own machine, http://localhost:3000 will do.',
    );
  }
  return faults;
}

/** The path without slashes at its ends; the default if it is left out, or is none. */
export function webhookPath(webhooks: unknown): string {
  const path: unknown = typeof webhooks === 'object' && webhooks !== null ? Reflect.get(webhooks, 'path') : undefined;
  return typeof path === 'string' && PATH.test(path) ? path.replace(/^\/|\/$/g, '') : DEFAULT_PATH;
}

/** The guards; none if they are not what they must be. */
export function webhookGuards({ guards: given }: WebhookOptions): NonNullable<WebhookOptions['guards']> {
  return given !== undefined && guards(given) === undefined ? given : [];
}

export function resolveWebhooks(checked: unknown, maxPayloadBytes: number): ResolvedWebhooks {
  const { bodyLimit = maxPayloadBytes, definedOnly = false } = (checked ?? {}) as WebhookOptions;
  return { bodyLimit, definedOnly };
}

/** The address that the token of a hook is appended to, if the process knows its own. */
export function hookBaseUrl(publicUrl: string | undefined, webhooks: unknown): { readonly hookBaseUrl?: string } {
  return publicUrl === undefined ? {} : { hookBaseUrl: `${publicUrl.replace(/\/+$/, '')}/${webhookPath(webhooks)}` };
}
