import { anInteger, faultsOf, type Rule, type Rules } from '../checks/rules.js';

/** What the sender of a payload is answered once the payload is accepted. */
export interface WebhookResponse {
  /** From 200 to 599. @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, a text as plain text unless `headers` says otherwise. @default nothing */
  readonly body?: unknown;
}

/** What was accepted. */
export interface AcceptedDelivery<T> {
  readonly payload: T;
  /** The hook's name and occurrence, such as `approval#1`. */
  readonly hookId: string;
  readonly runId: string;
}

export type WebhookResponder<T> = (accepted: AcceptedDelivery<T>) => WebhookResponse | Promise<WebhookResponse>;

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
// What Node refuses to send.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const headers: Rule = (value) => {
  const isHeaders =
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, text]) => HEADER_NAME.test(name) && typeof text === 'string' && HEADER_VALUE.test(text),
    );
  return isHeaders ? undefined : "an object of texts by header name, such as { 'x-trace': 'abc' }";
};

const RULES: Rules = {
  status: anInteger(200, 599),
  headers,
  body: () => undefined,
} satisfies Record<keyof WebhookResponse, Rule>;

export function responseFaults(what: string, response: unknown): readonly string[] {
  return faultsOf(what, response, RULES);
}
