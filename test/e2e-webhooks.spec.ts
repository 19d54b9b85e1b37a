import { once } from 'node:events';
import { request as httpRequest, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  StreamableFile,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import {
  createHook,
  createWebhook,
  defineHook,
  HookExpiredError,
  HookNotDefinedError,
  type RunFailedError,
  ValidationFailedError,
  WorkflowStore,
} from 'nestjs-pyworkflow';
import { eventually, storageOf } from './e2e-app.spec-helpers.js';
import { JSON_TYPE, PLATFORMS, WebApplication } from './e2e-web.spec-helpers.js';

class ApprovalDto {
  @IsBoolean() ok!: boolean;
  @IsOptional() @IsString() note?: string;
}

const approvalHook = defineHook('approval', ApprovalDto, { timeout: '7d' });
const politeHook = defineHook('polite', {
  response: { status: 201, headers: { 'x-thanks': 'a lot' }, body: { thanks: true } },
});
const computedHook = defineHook('computed', ApprovalDto, {
  response: async ({ payload, hookId, runId }) => ({
    body: `${hookId} of ${runId}: ${payload.ok} <b>${payload.note}</b>`,
  }),
});
const silentHook = defineHook('silent', { response: { status: 204 } });
const numberHook = defineHook('number', { response: () => ({ body: 42 }) });
const brokenHook = defineHook('broken', {
  response: () => {
    throw new Error('the response is broken');
  },
});
const badResponseHook = defineHook('bad response', { response: () => ({ status: 99 }) });
const circle: { self?: unknown } = {};
circle.self = circle;
const UNSAYABLE = [1n, { n: 1n }, circle, () => 1, Symbol('one'), Promise.resolve('<b>late</b>')];
const unsayableHooks = UNSAYABLE.map((it, index) =>
  defineHook(`unsayable ${index}`, { response: () => ({ body: it }) }),
);
const streamHook = defineHook('stream', { response: () => ({ body: new StreamableFile(Buffer.from('streamed')) }) });
/** As another process has defined it; this one has not. */
const elsewhereHook = Object.assign(
  Object.create(Object.getPrototypeOf(approvalHook) as object) as typeof approvalHook,
  {
    name: 'elsewhere',
    options: {},
  },
);
const manyHook = defineHook<{ n?: number; end?: boolean }>('many', { multiple: true });
describe.each(PLATFORMS)('webhooks, on %s', (platform) => {
  let web: WebApplication;
  beforeEach(async () => {
    web = await WebApplication.serve(platform);
  });

  it('hands a payload to the run, and says that it is accepted', async () => {
    const { run, token } = await web.open(() => createHook());
    expect(token).toMatch(/^[\w-]{43}$/);
    const answer = await web.post(token, '{"ok":true,"list":[1,null]}');
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
    expect(await run.result()).toEqual({ ok: true, list: [1, null] });
  });

  it('gives hooks the URL under which they are reached', async () => {
    let urls: readonly string[] = [];
    const run = await web.start(async () => {
      const [hook, webhook, defined] = [createHook(), createWebhook(), approvalHook.create()];
      urls = [hook.url, webhook.url, defined.url];
      return Promise.all([hook, webhook, defined]);
    });
    await web.tokensOf(run, 3);
    const hooks = await web.client.listHooks(run.runId, { includeTokens: true });
    expect(urls).toEqual(hooks.map(({ token }) => `https://shop.example/workflow/hooks/${token}`));
    expect(hooks.map(({ id }) => id)).toEqual(['hook#1', 'webhook#1', 'approval#1']);
    for (const url of urls) {
      const answer = await web.fetch(new URL(url).pathname, {
        method: 'POST',
        headers: JSON_TYPE,
        body: '{"ok":true}',
      });
      expect(answer.status).toBe(202);
    }
    expect(await run.result()).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  });

  it('refuses a payload that is not valid, and leaves the hook open', async () => {
    const { run, token } = await web.open(() => approvalHook.create());
    for (const bad of ['{"ok":"yes"}', '{}', '[]', '[{"ok":true}]', '"text"', 'null']) {
      const answer = await web.post(token, bad);
      expect({ bad, status: answer.status }).toEqual({ bad, status: 400 });
    }
    expect(await web.post(token)).toMatchObject({ status: 400 });
    expect((await web.post(token, '{"ok":"yes"}')).json).toEqual({
      code: 'VALIDATION',
      message: 'The payload of hook "approval" is not valid: payload.ok: ok must be a boolean value',
    });
    expect(await web.statusOf(token)).toBe('open');
    expect(await web.post(token, '{"ok":true,"note":"fine"}')).toMatchObject({ status: 202 });
    expect(await run.result()).toEqual({ ok: true, note: 'fine' });
  });

  it('validates what the client delivers as well', async () => {
    const { run, token } = await web.open(() => approvalHook.create());
    const refused = web.client.resumeHook(token, { ok: 1 });
    await expect(refused).rejects.toThrow(ValidationFailedError);
    await expect(refused).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: ['payload.ok: ok must be a boolean value'],
    });
    expect(await web.statusOf(token)).toBe('open');
    await web.client.resumeHook(token, Object.assign(new ApprovalDto(), { ok: false }));
    const result = await run.result();
    expect(result).toEqual({ ok: false });
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it('knows hooks that are defined when the application runs', async () => {
    const lateHook = defineHook(`late on ${platform}`, ApprovalDto);
    const { token } = await web.open(() => lateHook.create());
    expect(await web.post(token, '{}')).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
    expect(await web.post(token, '{"ok":true}')).toMatchObject({ status: 202 });
  });

  it('answers as the definition says', async () => {
    const polite = await web.open(() => politeHook.create());
    const answer = await web.post(polite.token, '1');
    expect(answer).toMatchObject({ status: platform === 'Express' ? 400 : 201 }); // Express takes objects and lists only
    const thanked = platform === 'Express' ? await web.post(polite.token, '[1]') : answer;
    expect(thanked).toMatchObject({ status: 201, json: { thanks: true } });
    expect(thanked.headers.get('x-thanks')).toBe('a lot');

    const silent = await web.open(() => silentHook.create());
    expect(await web.post(silent.token, '{}')).toMatchObject({ status: 204, text: '' });
    const number = await web.open(() => numberHook.create());
    const counted = await web.post(number.token, '{}');
    expect(counted).toMatchObject({ status: 200, text: '42', json: 42 });
    expect(counted.headers.get('content-type')).toMatch(/^application\/json/);

    const stream = await web.open(() => streamHook.create());
    expect(await web.post(stream.token, '{}')).toMatchObject({ status: 200, text: 'streamed' });

    const computed = await web.open(() => computedHook.create());
    const { status, text, headers } = await web.post(computed.token, '{"ok":true,"note":"hi"}');
    expect({ status, text }).toEqual({ status: 200, text: `computed#1 of ${computed.run.runId}: true <b>hi</b>` });
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('accepts a payload whose response cannot be made', async () => {
    for (const definition of [brokenHook, badResponseHook, ...unsayableHooks]) {
      const { run, token } = await web.open(() => definition.create());
      expect(await web.post(token, '{"n":1}')).toMatchObject({ status: 202, json: { status: 'accepted' } });
      expect(await run.result()).toEqual({ n: 1 });
    }
  });

  it('tells apart what is unknown, used, closed and expired, and nothing more', async () => {
    const unknown = [
      await web.post('a'.repeat(43), '{}'),
      await web.post('short', '{}'),
      await web.post('~'.repeat(90), '{}'),
      await web.post('%00%ff', '{}'),
    ];
    expect(unknown.map(({ status }) => status).slice(0, 3)).toEqual([404, 404, 404]);
    expect(unknown[3]?.status).toBeLessThan(500);
    expect(unknown[0]?.json).toEqual({ code: 'HOOK_NOT_FOUND', message: 'There is no such hook.' });

    const used = await web.open(() => createHook());
    await web.post(used.token, '{}');
    expect(await web.post(used.token, '{}')).toMatchObject({ status: 409, json: { code: 'HOOK_USED' } });

    const closing = await web.open(() => manyHook.create());
    await web.post(closing.token, '{"end":true}');
    await closing.run.result();
    expect(await web.post(closing.token, '{}')).toMatchObject({ status: 410, json: { code: 'HOOK_CLOSED' } });

    const run = await web.start(async () =>
      approvalHook.create().catch((error: unknown) => error instanceof HookExpiredError),
    );
    const [late = ''] = await web.tokensOf(run, 1);
    const weekLater = web.clock.now() + 7 * 86_400_000;
    while (web.clock.now() < weekLater && web.clock.runNext()) await new Promise((resolve) => setImmediate(resolve));
    expect(await run.result()).toBe(true);
    const expired = await web.post(late, '{"ok":true}');
    expect(expired).toMatchObject({ status: 410, json: { code: 'HOOK_EXPIRED' } });
    for (const { text } of [...unknown, expired]) expect(text).not.toMatch(/run_|token/);
  });

  it('has one winner among fifty deliveries at once', async () => {
    const { run, token } = await web.open(() => approvalHook.create());
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => web.post(token, JSON.stringify({ ok: true, note: `answer ${n}` }))),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    const winner = answers.findIndex(({ status }) => status === 202);
    expect(await run.result()).toEqual({ ok: true, note: `answer ${winner}` });
  });

  it('takes a delivery that is sent again once, and answers it alike', async () => {
    const once = await web.open(() => createHook());
    const named = { ...JSON_TYPE, 'idempotency-key': 'delivery-1' };
    const first = await web.post(once.token, '{"n":1}', named);
    const again = await web.post(once.token, '{"n":1}', named);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(await web.post(once.token, '{}', { ...JSON_TYPE, 'idempotency-key': 'delivery-2' })).toMatchObject({
      status: 409,
    });

    const many = await web.open(() => manyHook.create());
    const headers = ['idempotency-key', 'webhook-id', 'x-github-delivery', 'x-delivery-id'];
    for (const header of [...headers, ...headers])
      await web.post(many.token, JSON.stringify({ n: headers.indexOf(header) }), {
        ...JSON_TYPE,
        [header]: `id of ${header}`,
      });
    const replays = await Promise.all(
      Array.from({ length: 20 }, () => web.post(many.token, '{"n":9}', { ...JSON_TYPE, 'webhook-id': 'the same' })),
    );
    expect(new Set(replays.map(({ status }) => status))).toEqual(new Set([202]));
    await web.post(many.token, '{"end":true}');
    expect(await many.run.result()).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 9 }, { end: true }]);

    const bad = await web.open(() => createHook());
    expect(await web.post(bad.token, '{}', { ...JSON_TYPE, 'webhook-id': 'x'.repeat(201) })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_DELIVERY_ID' },
    });
  });

  it('takes JSON, forms, text and nothing', async () => {
    const given = async (payload: string | undefined, headers: Record<string, string>): Promise<unknown> => {
      const { run, token } = await web.open(() => createHook());
      const { status } = await web.post(token, payload, headers);
      return status === 202 ? run.result() : status;
    };
    expect(await given('{"a":[{"b":null}]}', JSON_TYPE)).toEqual({ a: [{ b: null }] });
    expect(await given('{"a":1}', { 'content-type': 'application/json; charset=utf-8' })).toEqual({ a: 1 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await given('text=hello+w%C3%B6rld&tag=a&tag=b', form)).toEqual({ text: 'hello wörld', tag: ['a', 'b'] });
    expect(await given('just wörds', { 'content-type': 'text/plain; charset=utf-8' })).toBe('just wörds');
    expect(await given(undefined, {})).toBeUndefined();
    expect(await given('<a/>', { 'content-type': 'application/xml' })).toBe(415);
  });

  it('survives bodies that are malformed or hostile', async () => {
    const { token } = await web.open(() => createHook());
    const answers = await Promise.all([
      web.post(token, '{"a":'),
      web.post(token, 'not json'),
      web.post(token, '{"__proto__":{"isAdmin":true}}'),
      web.post(token, '{"a":{"__proto__":null}}'),
      web.post(token, '['.repeat(40_000) + ']'.repeat(40_000)),
      web.post(token, '{"a":'.repeat(15_000) + '1' + '}'.repeat(15_000)),
      web.post(token, new Uint8Array([0xff, 0xfe, 0x22]), { 'content-type': 'text/plain' }),
    ]);
    expect(answers.slice(0, 6).map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    // Fastify reads what is no UTF-8 as it can, and refuses the names that pollution is tried with by itself.
    const [strict, lenient] = platform === 'Express' ? [400, 202] : [202, 400];
    expect(answers[6]?.status).toBe(strict);
    const odd = await web.open(() => createHook());
    const names = '{"constructor":{"prototype":{"x":1}},"toString":"text","then":"now"}';
    expect(await web.post(odd.token, names)).toMatchObject({ status: lenient });
    if (platform === 'Express') expect(await odd.run.result()).toEqual(JSON.parse(names));
    const typed = await web.open(() => approvalHook.create());
    expect(await web.post(typed.token, '{"ok":true,"__proto__":{"note":"polluted"}}')).toMatchObject({
      status: lenient,
    });
    if (platform === 'Express') expect(await typed.run.result()).toEqual({ ok: true });
  });

  it('answers only what it was asked for', async () => {
    const { token } = await web.open(() => createHook());
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await web.fetch(`/workflow/hooks/${token}`, { method })).status).toBe(404);
    }
    expect((await web.fetch(`/workflow/hooks`, { method: 'POST' })).status).toBe(404);
    expect(await web.statusOf(token)).toBe('open');
  });

  it('says so when the store cannot be reached', async () => {
    const { run, token } = await web.open(() => createHook());
    const deliver = jest
      .spyOn(web.app.get(WorkflowStore), 'deliverHook')
      .mockRejectedValueOnce(new Error('ECONNREFUSED db:5432'));
    const answer = await web.post(token, '{}');
    expect(answer).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    expect(answer.text).not.toContain('5432');
    deliver.mockRestore();
    jest.spyOn(web.app.get(WorkflowStore).hooks, 'findByToken').mockRejectedValueOnce(new Error('ECONNREFUSED'));
    expect(await web.post(token, '{}')).toMatchObject({ status: 503 });
    expect(await web.post(token, '{"n":1}')).toMatchObject({ status: 202 });
    expect(await run.result()).toEqual({ n: 1 });
  });
});

describe.each(PLATFORMS)('an application with webhooks, on %s', (platform) => {
  let web: WebApplication;

  it('reads no more than it is allowed to, whether the length is said or not', async () => {
    web = await WebApplication.serve(platform, { webhooks: { bodyLimit: 1_000 } });
    const { run, token } = await web.open(() => createHook());
    const large = JSON.stringify({ text: 'x'.repeat(1_000) });
    expect(await web.post(token, large)).toMatchObject({ status: 413 });
    expect(await web.post(token, 'x'.repeat(1_001), { 'content-type': 'text/plain' })).toMatchObject({ status: 413 });
    const statusOfChunks = (end: 'at once' | 'once answered'): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' };
        const request = httpRequest(web.urlOf(`/workflow/hooks/${token}`), { method: 'POST', headers }, (response) => {
          response.resume();
          request.end();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        for (let chunk = 0; chunk < 3; chunk++) request.write('x'.repeat(500));
        if (end === 'at once') request.end();
      });
    expect(await statusOfChunks('at once')).toBe(413);
    // The parser of Fastify waits for the end.
    if (platform === 'Express') expect(await statusOfChunks('once answered')).toBe(413);
    const huge = JSON.stringify({ text: 'x'.repeat(3_000_000) });
    expect(await web.post(token, huge)).toMatchObject({ status: 413 });
    expect(await web.statusOf(token)).toBe('open');
    expect(await web.post(token, JSON.stringify({ text: 'x'.repeat(900) }))).toMatchObject({ status: 202 });
    expect(await run.result()).toEqual({ text: 'x'.repeat(900) });
  });

  it('is not deceived about the size of a body by its compression', async () => {
    const app = { rawBody: false };
    web = await WebApplication.serve(platform, { app, webhooks: { bodyLimit: 1_000 } });
    const { token } = await web.open(() => createHook());
    const small = gzipSync(JSON.stringify({ text: 'x'.repeat(2_000) }));
    const { status } = await web.post(token, small, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect(status).toBe(platform === 'Express' ? 413 : 400); // Fastify decompresses nothing
    expect(await web.statusOf(token)).toBe('open');
  });

  it('delivers nothing of a body that breaks off, and calls it no fault of its own', async () => {
    const [refused, faults]: [object[], object[]] = [[], []];
    const unheard = { log: () => {}, warn: () => {} };
    const logger = { ...unheard, debug: (it: object) => refused.push(it), error: (it: object) => faults.push(it) };
    web = await WebApplication.serve(platform, { options: { logger } });
    const { token } = await web.open(() => createHook());
    const headers = { 'content-type': 'text/plain', 'content-length': '100', expect: '100-continue' };
    const request = httpRequest(web.urlOf(`/workflow/hooks/${token}`), { method: 'POST', headers });
    request.on('error', () => {});
    const arrived = once(web.app.getHttpServer() as Server, 'checkContinue');
    (web.app.getHttpServer() as Server).on('checkContinue', (...its) =>
      web.app.getHttpServer().emit('request', ...its),
    );
    request.flushHeaders();
    await arrived;
    request.destroy();
    if (platform === 'Express') await eventually(async () => refused.length + faults.length > 0, 'the refusal');
    else await web.post('a'.repeat(43), '{}'); // Its parser tells nobody.
    expect(faults).toEqual([]);
    expect(await web.statusOf(token)).toBe('open');
  });

  it('has the guards and interceptors of the application, and its own', async () => {
    const seen: string[] = [];
    class AppGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        seen.push('application');
        return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-app'] !== 'no';
      }
    }
    @Injectable()
    class Keys {
      readonly key = 'letmein';
    }
    @Module({ providers: [Keys], exports: [Keys] })
    class KeysModule {}
    @Injectable()
    class KeyGuard implements CanActivate {
      constructor(private readonly keys: Keys) {}
      canActivate(context: ExecutionContext): boolean {
        seen.push('own');
        const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
        return headers['x-key'] === this.keys.key;
      }
    }
    class Watch implements NestInterceptor {
      intercept(_: ExecutionContext, next: CallHandler) {
        seen.push('interceptor');
        return next.handle();
      }
    }
    web = await WebApplication.serve(platform, {
      webhooks: { guards: [KeyGuard, { canActivate: () => seen.push('instance') > 0 }], imports: [KeysModule] },
      providers: [
        { provide: APP_GUARD, useClass: AppGuard },
        { provide: APP_INTERCEPTOR, useClass: Watch },
      ],
    });
    const { run, token } = await web.open(() => createHook());
    const key = { ...JSON_TYPE, 'x-key': 'letmein' };
    expect(await web.post(token, '{}', { ...key, 'x-app': 'no' })).toMatchObject({ status: 403 });
    expect(await web.post(token, '{}')).toMatchObject({ status: 403 });
    expect(await web.post('a'.repeat(43), '{}')).toMatchObject({ status: 403 });
    expect(await web.statusOf(token)).toBe('open');
    seen.length = 0;
    expect(await web.post(token, '{"n":1}', key)).toMatchObject({ status: 202 });
    expect(seen).toEqual(['application', 'own', 'instance', 'interceptor']);
    expect(await run.result()).toEqual({ n: 1 });
  });

  it('lives below a global prefix, beside versions, at a path of its own', async () => {
    web = await WebApplication.serve(platform, {
      webhooks: { path: '/callbacks/' },
      options: { publicUrl: 'https://shop.example/api/' },
      configure: (it) => {
        it.setGlobalPrefix('api');
        it.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
        it.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    let url = '';
    const run = await web.start(async () => {
      const hook = createWebhook();
      ({ url } = hook);
      return hook;
    });
    await web.tokensOf(run, 1);
    expect(url).toMatch(/^https:\/\/shop\.example\/api\/callbacks\/[\w-]{43}$/);
    const answer = await web.fetch(new URL(url).pathname, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"n":1}',
    });
    expect(answer.status).toBe(202);
    expect(await run.result()).toEqual({ n: 1 });
  });
  it('delivers to hooks that are defined only, if so asked', async () => {
    web = await WebApplication.serve(platform, { webhooks: { definedOnly: true } });
    const plain = await web.open(() => createHook());
    expect(await web.post(plain.token, '{}')).toMatchObject({ status: 404, json: { code: 'HOOK_NOT_FOUND' } });
    const defined = await web.open(() => approvalHook.create());
    expect(await web.post(defined.token, '{"ok":true}')).toMatchObject({ status: 202 });
  });

  it('delivers nothing to a hook whose definition only another process knows, and leaves it open', async () => {
    web = await WebApplication.serve(platform);
    const { run, token } = await web.open(() => elsewhereHook.create());
    expect(await web.post(token, '{"ok":true}')).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    const refused = web.client.resumeHook(token, { ok: true });
    await expect(refused).rejects.toThrow(HookNotDefinedError);
    await expect(refused).rejects.toMatchObject({ code: 'HOOK_NOT_DEFINED', runId: run.runId, hookId: 'elsewhere#1' });
    expect(await web.statusOf(token)).toBe('open');
  });

  it('leaves such a hook open also if it delivers to defined ones only', async () => {
    web = await WebApplication.serve(platform, { webhooks: { definedOnly: true } });
    const hidden = await web.open(() => elsewhereHook.create());
    expect(await web.post(hidden.token, '{"ok":true}')).toMatchObject({ status: 503 });
    expect(await web.statusOf(hidden.token)).toBe('open');
  });
});

it.each(['sqlite', 'postgres'] as const)(
  'takes one of fifty deliveries at once, and that one again, on %s',
  async (type) => {
    const web = await WebApplication.serve('Express', { options: { storage: await storageOf(type) } });
    const { run, token } = await web.open(() => approvalHook.create());
    const send = (n: number) =>
      web.post(token, JSON.stringify({ ok: true, note: `answer ${n}` }), {
        ...JSON_TYPE,
        'webhook-id': `delivery ${n}`,
      });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => send(n)));
    const winner = answers.findIndex(({ status }) => status === 202);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect(await run.result()).toEqual({ ok: true, note: `answer ${winner}` });
    expect(await send(winner)).toMatchObject({ status: 202, json: { status: 'accepted' } });
    expect(await web.post(token, '{"ok":1}')).toMatchObject({ status: 400 });
  },
);

it('answers nothing over HTTP unless it is asked to', async () => {
  const web = await WebApplication.serve('Express', { webhooks: false });
  const { run, token } = await web.open(() => createHook());
  expect(await web.post(token, '{}')).toMatchObject({ status: 404, json: { error: 'Not Found' } });
  expect(await web.statusOf(token)).toBe('open');
  const url = `https://shop.example/workflow/hooks/known-token`;
  expect(await (await web.start(async () => createHook({ token: 'known-token' }).url)).result()).toBe(url);
  await web.client.resumeHook(token, 1);
  expect(await run.result()).toBe(1);
});

it('gives no URL when it knows no address', async () => {
  const web = await WebApplication.serve('Express', { webhooks: false, options: { publicUrl: undefined } });
  const causeOf = async (given: () => Promise<unknown>): Promise<unknown> => {
    const run = await web.start(given);
    return run.result().catch((error: RunFailedError) => error.cause);
  };
  const refusal = { code: 'INVALID_INPUT', message: expect.stringContaining('PYWORKFLOW_PUBLIC_URL') };
  expect(await causeOf(async () => createHook().url)).toMatchObject(refusal);
  expect(await causeOf(async () => createWebhook())).toMatchObject(refusal);
});
