import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseBody } from './parse-body.js';
import { refusals } from './webhook.exception.js';

/** A request of Express, which is Node's own, or of Fastify, which has it in `raw`. */
export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
  /** Kept by Nest if the application was created with `{ rawBody: true }`. */
  readonly rawBody?: Buffer;
  readonly raw?: IncomingMessage;
}

export interface ReadBody {
  readonly payload: unknown;
  /** The bytes as they came; undefined if the application's body parser has not kept them. */
  readonly raw: Buffer | undefined;
}

/**
 * What was sent, parsed by the application's body parser, or here if that has left the body alone.
 *
 * @throws HttpException if it is too large, malformed or of a kind that cannot be read
 */
export async function readBody(request: HttpRequest, limit: number): Promise<ReadBody> {
  const { headers } = request;
  if (Number(headers['content-length'] ?? 0) > limit) throw refusals.tooLarge(limit);
  const unparsed = await unparsedBytes(request, limit);
  const raw = unparsed ?? request.rawBody;
  if (sizeOf(request, raw) > limit) throw refusals.tooLarge(limit);
  return { raw, payload: unparsed ? parseBody(unparsed, headers['content-type']) : request.body };
}

/** In bytes; about as many if the bytes are gone, and their length was not said or is that of something compressed. */
function sizeOf({ headers, body }: HttpRequest, raw: Buffer | undefined): number {
  if (raw) return raw.length;
  const declared = headers['content-length'];
  if (declared !== undefined && !isCompressed(headers)) return Number(declared);
  return Buffer.byteLength(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
}

/** The body, if nobody has parsed it: a parser of bytes has read it, or nobody. */
async function unparsedBytes(request: HttpRequest, limit: number): Promise<Buffer | undefined> {
  const { body, headers } = request;
  if (Buffer.isBuffer(body)) return body;
  const stream = request.raw ?? (request as unknown as IncomingMessage);
  if ((body !== undefined && body !== null) || stream.readableDidRead) return undefined;
  if (isCompressed(headers)) throw refusals.unsupported('A compressed body of this type cannot be read.');
  return readAll(stream, limit);
}

function isCompressed({ 'content-encoding': encoding = 'identity' }: IncomingHttpHeaders): boolean {
  return encoding !== 'identity';
}

async function readAll(stream: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Leaving early must not take the socket from the request: what answers and logs it looks there.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw refusals.tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    throw stream.readableAborted ? refusals.badBody('The body broke off.') : error;
  }
  return Buffer.concat(chunks);
}
