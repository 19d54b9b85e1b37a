import { createHmac } from 'node:crypto';
import { WebhookRequest } from '../webhook-request.js';
import { githubSignature } from './github.signature.js';
import { hmacSignature } from './hmac.signature.js';
import { stripeSignature } from './stripe.signature.js';

function delivery(
  body: string,
  headers: Record<string, string | string[]> = {},
  { receivedAt = new Date(0), payload = undefined as unknown } = {},
): WebhookRequest {
  return new WebhookRequest({
    headers,
    payload,
    rawBody: Buffer.from(body),
    receivedAt,
    hookId: 'h#1',
    runId: 'run_1',
  });
}

describe('githubSignature', () => {
  // From GitHub's documentation, "Validating webhook deliveries".
  const secret = "It's a Secret to Everybody";
  const body = 'Hello, World!';
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

  it("takes GitHub's own example", async () => {
    const { verify } = githubSignature({ secret });
    expect(await verify(delivery(body, { 'x-hub-signature-256': signature }))).toBe(true);
    expect(await verify(delivery(body, { 'x-hub-signature-256': signature.toUpperCase().replace('SHA', 'sha') }))).toBe(
      true,
    );
  });

  it.each([
    ['another body', 'Hello, World', signature],
    ['the old kind of signature', body, signature.replace('sha256', 'sha1')],
    ['no prefix', body, signature.slice(7)],
    ['a signature that is cut off', body, signature.slice(0, -1)],
    ['a signature with something behind it', body, `${signature}0`],
    ['a prefix alone', body, 'sha256='],
    ['an empty header', body, ''],
    ['letters that are no digits', body, `sha256=${'z'.repeat(64)}`],
    ['wide letters', body, `sha256=${'\u00fe'.repeat(64)}`],
  ])('refuses %s', async (_, text, header) => {
    expect(await githubSignature({ secret }).verify(delivery(text, { 'x-hub-signature-256': header }))).toBe(false);
  });

  it('refuses a header that is missing, or there twice', async () => {
    const { verify } = githubSignature({ secret });
    expect(await verify(delivery(body))).toBe(false);
    expect(await verify(delivery(body, { 'x-hub-signature-256': [signature, signature] }))).toBe(false);
  });

  it('names a delivery by its header', async () => {
    const named = delivery(body, { 'x-github-delivery': 'guid-1' });
    expect(await githubSignature({ secret }).deliveryId?.(named)).toBe('guid-1');
  });
});

describe('hmacSignature', () => {
  it.each([
    ['sha1', 'hex'],
    ['sha256', 'base64'],
    ['sha384', 'base64url'],
    ['sha512', 'hex'],
  ] as const)('takes %s in %s', async (algorithm, encoding) => {
    const { verify } = hmacSignature({ secret: 'key', header: 'X-Sig', algorithm, encoding, prefix: 'v1:' });
    const signature = createHmac(algorithm, 'key').update('body').digest(encoding);
    expect(await verify(delivery('body', { 'x-sig': `v1:${signature}` }))).toBe(true);
    expect(await verify(delivery('body2', { 'x-sig': `v1:${signature}` }))).toBe(false);
    expect(await verify(delivery('body', { 'x-sig': signature }))).toBe(false);
  });

  it('takes each of several secrets, which a function may give as bytes', async () => {
    const secrets = async () => [Buffer.from([1, 2, 3]), 'old'];
    const { verify } = hmacSignature({ secrets, header: 'x-sig' });
    for (const secret of await secrets()) {
      const signature = createHmac('sha256', secret).update('').digest('hex');
      expect(await verify(delivery('', { 'x-sig': signature }))).toBe(true);
    }
    const other = createHmac('sha256', 'older').update('').digest('hex');
    expect(await verify(delivery('', { 'x-sig': other }))).toBe(false);
  });

  it('verifies nothing without a secret, or without the bytes', async () => {
    for (const given of [undefined, '', null, 5, []]) {
      const { verify } = hmacSignature({ secret: () => given as string, header: 'x-sig' });
      await expect(verify(delivery('', { 'x-sig': 'x' }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      const many = hmacSignature({ secrets: () => [given] as string[], header: 'x-sig' });
      await expect(many.verify(delivery('', { 'x-sig': 'x' }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    const { verify } = hmacSignature({ secret: 'key', header: 'x-sig' });
    const request = new WebhookRequest({ ...delivery('body'), rawBody: undefined });
    await expect(verify(request)).rejects.toMatchObject({ code: 'RAW_BODY_MISSING', hookId: 'h#1' });
  });
});

describe('stripeSignature', () => {
  const secret = 'whsec_test';
  const body = '{"id":"evt_1","object":"event"}';
  const time = 1_492_774_577;
  const v1 = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const verify = (header: string, at: number = time, options: object = {}) =>
    stripeSignature({ secret, ...options }).verify(
      delivery(body, { 'stripe-signature': header }, { receivedAt: new Date(at * 1_000) }),
    );

  it('takes a signature of the time and the body, as one of several', async () => {
    expect(v1).toHaveLength(64);
    expect(await verify(`t=${time},v1=${v1}`)).toBe(true);
    expect(await verify(`t=${time},v1=${'0'.repeat(64)},v1=${v1},v0=${'1'.repeat(64)}`)).toBe(true);
    expect(await verify(` v1=${v1} , t=${time} `)).toBe(true);
    const rotated = { secret: undefined, secrets: ['whsec_new', secret] };
    expect(await verify(`t=${time},v1=${v1}`, time, rotated)).toBe(true);
  });

  it('refuses what is older or newer than it tolerates', async () => {
    const at = async (seconds: number, options?: object) => verify(`t=${time},v1=${v1}`, time + seconds, options);
    expect([await at(300), await at(300.5), await at(-300), await at(-301)]).toEqual([true, false, true, false]);
    expect([await at(10, { toleranceSeconds: 10 }), await at(11, { toleranceSeconds: 10 })]).toEqual([true, false]);
  });

  it.each([
    ['another time', `t=${time + 1},v1=${v1}`],
    ['two times', `t=${time},t=${time},v1=${v1}`],
    ['no time', `v1=${v1}`],
    ['no signature', `t=${time}`],
    ['an old scheme', `t=${time},v0=${v1}`],
    ['a time that is no number', `t=1e9,v1=${v1}`],
    ['a time that is never', `t=${'9'.repeat(400)},v1=${v1}`],
    ['too many signatures', `t=${time}${`,v1=${v1}`.repeat(11)}`],
    ['nothing', ''],
  ])('refuses %s', async (_, header) => {
    expect(await verify(header)).toBe(false);
  });

  it('names an event by its id', async () => {
    const idOf = async (payload: unknown) => stripeSignature({ secret }).deliveryId?.(delivery('', {}, { payload }));
    expect(await idOf({ id: 'evt_1' })).toBe('evt_1');
    for (const payload of [undefined, null, 'evt_1', {}, { id: 5 }]) expect(await idOf(payload)).toBeUndefined();
  });
});

it('says what is wrong with the options of a signature', () => {
  const faults = [
    ...(githubSignature({ secret: undefined as unknown as string }).faults ?? []),
    ...(githubSignature({ secret: 'a', secrets: ['b'] }).faults ?? []),
    ...(hmacSignature({ secrets: [], header: 'x' }).faults ?? []),
    ...(hmacSignature({ secret: '' } as never).faults ?? []),
    ...(hmacSignature({ secret: 'a', header: 'x', algorithm: 'md5', encodng: 'hex' } as never).faults ?? []),
    ...(hmacSignature(null as never).faults ?? []),
    ...(stripeSignature({ secret: 'a', toleranceSeconds: 0 }).faults ?? []),
    ...(stripeSignature('whsec' as never).faults ?? []),
  ];
  expect(faults).toEqual([
    'githubSignature() takes a secret, or secrets while one replaces the other; neither is given. Is an environment variable not set?',
    'githubSignature() takes a secret, or secrets while one replaces the other; both are given.',
    'hmacSignature(): secrets must be a list in which each is a text or bytes, and not empty.',
    'hmacSignature(): header is missing: which one has the signature?',
    'hmacSignature(): secret must be a text or bytes, and not empty.',
    `hmacSignature(): algorithm must be 'sha1' or 'sha256' or 'sha384' or 'sha512'; it is "md5".`,
    'hmacSignature(): there is no option "encodng". Did you mean "encoding"?',
    'hmacSignature() must be an object with options; it is null.',
    'stripeSignature(): toleranceSeconds must be a whole number from 1; it is 0.',
    'stripeSignature() must be an object with options; it is "whsec".',
  ]);
  expect(hmacSignature({ secret: () => 'later', header: 'x-sig' }).faults).toEqual([]);
});
