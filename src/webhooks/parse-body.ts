import { refusals } from './webhook.exception.js';

/**
 * Bytes to what they say: JSON, the fields of a form, or text; undefined if there are none.
 *
 * @throws HttpException if they do not say what their type promises
 */
export function parseBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const mediaType = type.trim();
  const parse = parserOf(mediaType);
  if (!parse) {
    const which = mediaType === '' ? 'The type of the body is missing' : 'The type of the body is not supported';
    throw refusals.unsupported(`${which}: send JSON, a form (application/x-www-form-urlencoded) or text.`);
  }
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  if (charset !== undefined && !/=\s*"?(utf-?8|us-ascii)"?\s*$/.test(charset))
    throw refusals.unsupported('Send text in UTF-8.');
  return parse(textOf(bytes));
}

function parserOf(mediaType: string): ((text: string) => unknown) | undefined {
  if (/^application\/([\w.-]+\+)?json$/.test(mediaType)) return jsonOf;
  if (mediaType === 'application/x-www-form-urlencoded') return fieldsOf;
  return mediaType.startsWith('text/') ? (text) => text : undefined;
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusals.badBody('The body is not valid UTF-8.');
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusals.badBody('The body is not valid JSON.');
  }
}

/** A field that stands there several times becomes a list. */
function fieldsOf(text: string): Readonly<Record<string, string | readonly string[]>> {
  const parameters = new URLSearchParams(text);
  const fields = [...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? (values[0] as string) : values] as const;
  });
  // Defines each as a field of its own, whatever its name.
  return Object.fromEntries(fields);
}
