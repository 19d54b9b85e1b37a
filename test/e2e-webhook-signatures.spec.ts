import { createHmac } from 'node:crypto';
import { ForbiddenException, type INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createHook,
  defineHook,
  githubSignature,
  hmacSignature,
  stripeSignature,
  type WebhookVerifier,
} from 'nestjs-pyworkflow';
import { JSON_TYPE, PLATFORMS, WebApplication } from './e2e-web.spec-helpers.js';

const hmacHook = defineHook('signed', {
  verify: hmacSignature({ secrets: ['new secret', 'old secret'], header: 'x-signature', encoding: 'base64' }),
});
const githubHook = defineHook('github', { multiple: true, verify: githubSignature({ secret: () => 'gh secret' }) });
const stripeHook = defineHook('stripe', { multiple: true, verify: stripeSignature({ secret: 'whsec_1' }) });
const ownHook = defineHook('own', {
  verify: (request) => request.header('x-key') === 'open sesame',
  deliveryId: (request) => (request.payload as { event?: string }).event,
});
const refusingHook = defineHook('refusing', {
  verify: () => {
    throw new ForbiddenException('not today');
  },
});
const failingHook = defineHook('failing', {
  verify: () => {
    throw new Error('secret detail');
  },
});
const withoutSecretHook = defineHook('without secret', {
  verify: hmacSignature({ secret: async () => '', header: 'x-signature' }),
});
const forgetfulHook = defineHook('forgetful', { verify: (() => undefined) as unknown as WebhookVerifier['verify'] });

describe.each(PLATFORMS)('a hook that is signed, on %s', (platform) => {
  let web: WebApplication;
  beforeEach(async () => {
    web = await WebApplication.serve(platform);
  });

  const sign = (secret: string, text: string, encoding: 'hex' | 'base64' = 'hex') =>
    createHmac('sha256', secret).update(text).digest(encoding);

  it('takes what is signed with one of its secrets', async () => {
    const payload = '{ "spaces" : "matter",  "n":1.0 }';
    for (const secret of ['new secret', 'old secret']) {
      const { run, token } = await web.open(() => hmacHook.create());
      const forged = [
        await web.post(token, payload),
        await web.post(token, payload, { ...JSON_TYPE, 'x-signature': '' }),
        await web.post(token, payload, { ...JSON_TYPE, 'x-signature': sign('older secret', payload, 'base64') }),
        await web.post(token, payload, {
          ...JSON_TYPE,
          'x-signature': sign(secret, '{"spaces":"matter","n":1}', 'base64'),
        }),
        await web.post(token, `${payload} `, { ...JSON_TYPE, 'x-signature': sign(secret, payload, 'base64') }),
        await web.post(token, undefined, { 'x-signature': sign(secret, payload, 'base64') }),
      ];
      expect(forged.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
      expect(forged[0]?.json).toEqual({
        code: 'BAD_SIGNATURE',
        message: 'The signature is missing, wrong or too old.',
      });
      expect(await web.statusOf(token)).toBe('open');
      const signed = { ...JSON_TYPE, 'x-signature': sign(secret, payload, 'base64') };
      expect(await web.post(token, payload, signed)).toMatchObject({ status: 202 });
      expect(await run.result()).toEqual({ spaces: 'matter', n: 1 });
    }
  });

  it('is verified before anything is said about its payload', async () => {
    const { token } = await web.open(() => hmacHook.create());
    const empty = { 'x-signature': sign('new secret', '', 'base64') };
    expect(await web.post(token, undefined, empty)).toMatchObject({ status: 202 });
  });

  it('takes what GitHub sends, in JSON and as a form', async () => {
    const { run, token } = await web.open(() => githubHook.create());
    const send = (text: string, delivery: string, secret = 'gh secret', type = 'application/json') =>
      web.post(token, text, {
        'content-type': type,
        'x-github-delivery': delivery,
        'x-hub-signature-256': `sha256=${sign(secret, text)}`,
      });
    expect(await send('{"n":1}', 'd1', 'guess')).toMatchObject({ status: 401 });
    expect(await send('{"n":1}', 'd1')).toMatchObject({ status: 202 });
    expect(await send('{"n":1}', 'd1')).toMatchObject({ status: 202 });
    const form = `payload=${encodeURIComponent('{"n":2}')}`;
    expect(await send(form, 'd2', 'gh secret', 'application/x-www-form-urlencoded')).toMatchObject({ status: 202 });
    expect(await send('{"end":true}', 'd3')).toMatchObject({ status: 202 });
    expect(await run.result()).toEqual([{ n: 1 }, { payload: '{"n":2}' }, { end: true }]);
  });

  it('takes what Stripe sends, not too late, and each event once', async () => {
    const { run, token } = await web.open(() => stripeHook.create());
    const send = (event: object, { late = 0, secret = 'whsec_1', extra = '' } = {}) => {
      const text = JSON.stringify(event);
      const time = Math.floor(web.clock.now() / 1_000) - late;
      const header = `t=${time},v1=${sign(secret, `${time}.${text}`)}${extra}`;
      return web.post(token, text, { ...JSON_TYPE, 'stripe-signature': header });
    };
    const refused = [
      await send({ id: 'evt_1' }, { late: 301 }),
      await send({ id: 'evt_1' }, { late: -301 }),
      await send({ id: 'evt_1' }, { secret: 'whsec_2' }),
      await web.post(token, '{"id":"evt_1"}', { ...JSON_TYPE, 'stripe-signature': 't=0' }),
      await web.post(token, '{"id":"evt_1"}'),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(await send({ id: 'evt_1' }, { late: 299, extra: ',v1=00,v0=11' })).toMatchObject({ status: 202 });
    expect(await send({ id: 'evt_1', again: true })).toMatchObject({ status: 202 });
    expect(await send({ id: 'evt_2', end: true })).toMatchObject({ status: 202 });
    expect(await run.result()).toEqual([{ id: 'evt_1' }, { id: 'evt_2', end: true }]);
  });

  it('is verified by a function of its own, which fails closed', async () => {
    const own = await web.open(() => ownHook.create());
    expect(await web.post(own.token, '{"event":"e1"}')).toMatchObject({ status: 401 });
    const key = { ...JSON_TYPE, 'x-key': 'open sesame' };
    expect(await web.post(own.token, '{"event":"e1"}', key)).toMatchObject({ status: 202 });
    expect(await web.post(own.token, '{"event":"e1"}', key)).toMatchObject({ status: 202 });
    expect(await web.post(own.token, '{"event":"e2"}', key)).toMatchObject({ status: 409 });

    const refusing = await web.open(() => refusingHook.create());
    expect(await web.post(refusing.token, '{}')).toMatchObject({ status: 403, json: { message: 'not today' } });
    for (const definition of [failingHook, withoutSecretHook]) {
      const { token } = await web.open(() => definition.create());
      const empty = createHmac('sha256', '').update('{}').digest('hex');
      const answer = await web.post(token, '{}', { ...JSON_TYPE, 'x-signature': empty });
      expect(answer).toMatchObject({ status: 500, json: { code: 'WEBHOOK_FAILED' } });
      expect(answer.text).not.toContain('secret');
      expect(await web.statusOf(token)).toBe('open');
    }
    const forgetful = await web.open(() => forgetfulHook.create());
    expect(await web.post(forgetful.token, '{}')).toMatchObject({ status: 401 });
  });
});

describe.each(PLATFORMS)('the bytes of a body, on %s', (platform) => {
  let web: WebApplication;

  it('delivers nothing that is signed when the bytes of the body are gone, and says what to do', async () => {
    const lines: unknown[] = [];
    const logger = { log: () => {}, warn: () => {}, error: (line: unknown) => lines.push(line) };
    web = await WebApplication.serve(platform, { app: { rawBody: false }, options: { logger } });
    const signed = await web.open(() => hmacHook.create());
    const signature = createHmac('sha256', 'new secret').update('{"n":1}').digest('base64');
    const answer = await web.post(signed.token, '{"n":1}', { ...JSON_TYPE, 'x-signature': signature });
    expect(answer).toMatchObject({ status: 500, json: { code: 'WEBHOOK_FAILED' } });
    expect(await web.statusOf(signed.token)).toBe('open');
    expect(lines).toMatchObject([
      { err: { code: 'RAW_BODY_MISSING', message: expect.stringContaining('{ rawBody: true }') } },
    ]);
    expect(JSON.stringify(lines)).not.toContain(signed.token);

    // What looks at no bytes works all the same.
    const own = await web.open(() => ownHook.create());
    expect(await web.post(own.token, '{"a":1}', { ...JSON_TYPE, 'x-key': 'open sesame' })).toMatchObject({
      status: 202,
    });
    expect(await own.run.result()).toEqual({ a: 1 });
  });

  it('verifies text, if the application keeps its bytes', async () => {
    const keepText = (it: INestApplication) => {
      if (platform === 'Fastify') (it as NestFastifyApplication).useBodyParser('text/plain');
    };
    web = await WebApplication.serve(platform, { configure: keepText });
    const { run, token } = await web.open(() => hmacHook.create());
    const text = '{"n":1} is no object here: \u00e4';
    const signature = createHmac('sha256', 'old secret').update(text).digest('base64');
    const headers = { 'content-type': 'text/plain', 'x-signature': signature };
    expect(await web.post(token, `${text}!`, headers)).toMatchObject({ status: 401 });
    expect(await web.post(token, text, headers)).toMatchObject({ status: 202 });
    expect(await run.result()).toBe(text);
  });
});

it('reads the body itself in an application on Express that parses none', async () => {
  const web = await WebApplication.serve('Express', { app: { bodyParser: false } });
  const signed = await web.open(() => hmacHook.create());
  const signature = createHmac('sha256', 'old secret').update('{"n":1}').digest('base64');
  const headers = { 'content-type': 'application/vnd.api+json', 'x-signature': signature };
  expect(await web.post(signed.token, '{"n":1}', headers)).toMatchObject({ status: 202 });
  expect(await signed.run.result()).toEqual({ n: 1 });
  const form = await web.open(() => createHook());
  expect(
    await web.post(form.token, 'a=1&b=2&b=3&__proto__=x', { 'content-type': 'application/x-www-form-urlencoded' }),
  ).toMatchObject({ status: 400 });
  const bad: [string | Uint8Array, Record<string, string>, number][] = [
    ['{"a":', JSON_TYPE, 400],
    [new Uint8Array([0x22, 0xff, 0x22]), JSON_TYPE, 400],
    ['{}', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ['{}', { 'content-type': 'image/png' }, 415],
  ];
  for (const [payload, type, status] of bad) {
    expect([type, (await web.post(form.token, payload, type)).status]).toEqual([type, status]);
  }
});
