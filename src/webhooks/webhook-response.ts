import { Readable } from 'node:stream';
import { types } from 'node:util';
import { StreamableFile } from '@nestjs/common';
import { isObservable } from 'rxjs';
import { anInteger, faultsOf, type Rule, type Rules } from '../checks/rules.js';

/** What the sender of a payload is answered once the payload is accepted. */
export interface WebhookResponse {
  /** From 200 to 599. @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, a text as plain text unless `headers` says otherwise, a StreamableFile as it is. @default nothing */
  readonly body?: unknown;
}

/** What was accepted. */
export interface AcceptedDelivery<T> {
  readonly payload: T;
  /** The hook's name and occurrence, such as `approval#1`. */
  readonly hookId: string;
  readonly runId: string;
}

/** Makes the answer from what was accepted. */
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

/** Whether JSON, or Nest, which sends streams as they are, has something to say of it. */
const aBody: Rule = (value) => {
  if (isStream(value) || isSayable(value)) return undefined;
  return 'a value that JSON can express, and no promise';
};

const RULES: Rules = {
  status: anInteger(200, 599),
  headers,
  body: aBody,
} satisfies Record<keyof WebhookResponse, Rule>;

function isStream(value: unknown): boolean {
  return value instanceof StreamableFile || value instanceof Readable;
}

/** Nest would wait for a promise and for an Observable, and not for what is wrong with what they give. */
function isSayable(value: unknown): boolean {
  if (types.isPromise(value) || isObservable(value)) return false;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

export function responseFaults(what: string, response: unknown): readonly string[] {
  return faultsOf(what, response, RULES);
}
