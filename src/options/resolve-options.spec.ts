import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MemoryStore } from '../../libs/memory/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { ENVIRONMENT_VARIABLES } from './environment.js';
import { resolveOptions } from './resolve-options.js';

function faultsFor(options: unknown, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    resolveOptions(options, environment);
  } catch (error) {
    if (error instanceof PyWorkflowConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('resolveOptions', () => {
  it('has a default for everything', () => {
    const { engine, storage, maxPayloadBytes } = resolveOptions({}, {});
    expect(storage).toEqual({ type: 'sqlite', path: './.pyworkflow/workflows.db' });
    expect(maxPayloadBytes).toBe(1_048_576);
    expect(engine).toMatchObject({
      role: 'all',
      leaseMs: 15_000,
      recoveryIntervalMs: 15_000,
      sessionIdleMs: 5_000,
      stepConcurrency: 100,
      queueConcurrency: new Map(),
      maxRecoveryAttempts: 3,
      shutdownGraceMs: 10_000,
      eventWarning: 10_000,
      eventLimit: 50_000,
      compactAfter: 1_000,
      onChangedInput: 'warn',
      guardGlobals: { date: true, random: true, io: true },
    });
  });

  it('makes the address of hooks from the public URL and the path', () => {
    const addressOf = (publicUrl: string | undefined, webhooks: unknown = null, environment = {}) =>
      resolveOptions({ publicUrl }, environment, webhooks).engine.hookBaseUrl;
    expect(addressOf(undefined)).toBeUndefined();
    expect(addressOf('https://shop.example')).toBe('https://shop.example/workflow/hooks');
    expect(addressOf('http://localhost:3000/api//', { path: '/callbacks/in/' })).toBe(
      'http://localhost:3000/api/callbacks/in',
    );
    expect(addressOf(undefined, {}, { PYWORKFLOW_PUBLIC_URL: ' https://a.example/ ' })).toBe(
      'https://a.example/workflow/hooks',
    );
  });

  it('allows hooks as large a body as a payload, unless told otherwise', () => {
    const given = { publicUrl: 'https://shop.example', maxPayloadBytes: 5_000 };
    expect(resolveOptions(given, {}, {}).webhooks).toEqual({ bodyLimit: 5_000, definedOnly: false });
    const own = { bodyLimit: 10, definedOnly: true };
    expect(resolveOptions(given, {}, own).webhooks).toEqual(own);
  });

  it('says what is wrong with webhooks', () => {
    const faults = (options: object, webhooks: unknown): readonly string[] => {
      try {
        resolveOptions(options, {}, webhooks);
        return [];
      } catch (error) {
        return (error as PyWorkflowConfigError).faults;
      }
    };
    const publicUrl = 'https://shop.example';
    expect(faults({}, {})).toEqual([expect.stringMatching(/^webhooks need publicUrl/)]);
    expect(faults({ publicUrl }, true)).toEqual(['webhooks must be an object with options; it is true.']);
    const wrong = { path: 'a/:b', guards: [5], imports: {}, bodyLimit: 0, definedOnly: 'yes', gaurds: [] };
    expect(faults({ publicUrl }, wrong)).toEqual([
      `webhooks: path must be a path without parameters, such as 'workflow/hooks'; it is "a/:b".`,
      'webhooks: guards must be a list of guards, each a class or an instance; it is a list of 1.',
      'webhooks: imports must be a list of modules; it is an object.',
      'webhooks: bodyLimit must be a whole number from 1; it is 0.',
      'webhooks: definedOnly must be true or false; it is "yes".',
      'webhooks: there is no option "gaurds". Did you mean "guards"?',
    ]);
    for (const bad of [
      'shop.example',
      'ftp://shop.example',
      'https://shop.example?a=b',
      'https://me:pw@shop.example',
      5,
    ])
      expect(faultsFor({ publicUrl: bad })).toEqual([expect.stringMatching(/publicUrl must be a URL/)]);
    expect(faultsFor({ webhooks: {} })).toEqual([expect.stringMatching(/webhooks must be given beside useFactory/)]);
  });

  it('guards all globals, none, or those that are not turned off', () => {
    const guards = (guardGlobals: unknown, environment = {}) =>
      resolveOptions({ guardGlobals }, environment).engine.guardGlobals;
    const none = { date: false, random: false, io: false };
    expect(guards(true)).toEqual({ date: true, random: true, io: true });
    expect(guards(false)).toEqual(none);
    expect(guards({ io: false, date: undefined })).toEqual({ date: true, random: true, io: false });
    expect(guards(undefined, { PYWORKFLOW_GUARD_GLOBALS: 'false' })).toEqual(none);
    expect(faultsFor({ guardGlobals: { dates: true } })).toEqual([
      expect.stringMatching(/guardGlobals must be true, false/),
    ]);
    expect(faultsFor({}, { PYWORKFLOW_GUARD_GLOBALS: 'yes' })).toEqual([
      expect.stringMatching(/^The environment variable PYWORKFLOW_GUARD_GLOBALS must be true, false/),
    ]);
  });

  it('gives each process a name of its own', () => {
    expect(resolveOptions({}, {}).engine.owner).not.toBe(resolveOptions({}, {}).engine.owner);
  });

  it('takes what is given', () => {
    const given = {
      storage: { type: 'memory' as const },
      lease: '30s',
      recoveryInterval: { seconds: 5 },
      sessionIdle: 1,
      stepConcurrency: 7,
      queues: { mail: { concurrency: 2 }, other: {}, slow: { rateLimit: { max: 3, per: '1m' } } },
      shutdownGrace: '1m',
      onChangedInput: 'block' as const,
      maxPayloadBytes: 2_000,
      logger: false as const,
    };
    const { engine, storage, maxPayloadBytes, logger } = resolveOptions(given, {});
    expect({ storage, maxPayloadBytes, logger }).toEqual({
      storage: { type: 'memory' },
      maxPayloadBytes: 2_000,
      logger: false,
    });
    expect(engine).toMatchObject({
      leaseMs: 30_000,
      recoveryIntervalMs: 5_000,
      sessionIdleMs: 1_000,
      stepConcurrency: 7,
      queueConcurrency: new Map([['mail', 2]]),
      queueRateLimits: new Map([['slow', { max: 3, durationMs: 60_000 }]]),
      shutdownGraceMs: 60_000,
      onChangedInput: 'block',
    });
  });

  it('fills what is left out from the environment', () => {
    const environment = {
      PYWORKFLOW_STORAGE: 'memory',
      PYWORKFLOW_STEP_CONCURRENCY: '3',
      PYWORKFLOW_LEASE: '20s',
      PYWORKFLOW_SESSION_IDLE: ' 2s ',
      PYWORKFLOW_EVENT_LIMIT: '',
      PYWORKFLOW_COMPACTION: 'false',
    };
    const { engine, storage } = resolveOptions({ lease: '5s', stepConcurrency: undefined }, environment);
    expect(storage).toEqual({ type: 'memory' });
    expect(engine).toMatchObject({ stepConcurrency: 3, leaseMs: 5_000, sessionIdleMs: 2_000, eventLimit: 50_000 });
    expect(engine.compactAfter).toBe(Infinity);
    expect(resolveOptions({}, { PYWORKFLOW_COMPACTION: '5' }).engine.compactAfter).toBe(5);
  });

  it('fills what a file storage leaves out from the environment', () => {
    expect(resolveOptions({ storage: { type: 'file' } }, {}).storage).toEqual({
      type: 'file',
      path: './.pyworkflow/runs',
    });
    const environment = {
      PYWORKFLOW_STORAGE: 'file',
      PYWORKFLOW_FILE_PATH: 'there',
      PYWORKFLOW_FILE_SYNCHRONOUS: 'normal',
    };
    expect(resolveOptions({}, environment).storage).toEqual({ type: 'file', path: 'there', synchronous: 'NORMAL' });
    expect(resolveOptions({ storage: { type: 'file', path: 'here' } }, environment).storage).toMatchObject({
      path: 'here',
      synchronous: 'NORMAL',
    });
  });

  it('fills what an SQLite storage leaves out from the environment', () => {
    const environment = { PYWORKFLOW_SQLITE_PATH: '/data/runs.db', PYWORKFLOW_SQLITE_SYNCHRONOUS: 'normal' };
    expect(resolveOptions({}, environment).storage).toEqual({
      type: 'sqlite',
      path: '/data/runs.db',
      synchronous: 'NORMAL',
    });
    const given = { type: 'sqlite' as const, path: 'mine.db' };
    expect(resolveOptions({ storage: given }, environment).storage).toMatchObject({
      path: 'mine.db',
      synchronous: 'NORMAL',
    });
  });

  it('takes PostgreSQL from the options and from the environment, and shows no password', () => {
    const url = 'postgres://ada:secret@db/app';
    const environment = {
      PYWORKFLOW_POSTGRES_URL: url,
      PYWORKFLOW_POSTGRES_POOL_SIZE: '3',
      PYWORKFLOW_POSTGRES_SCHEMA: 'flows',
    };
    const filled = { type: 'postgres', url, poolSize: 3, schema: 'flows' };
    expect(resolveOptions({}, environment).storage).toEqual(filled);
    expect(resolveOptions({ storage: { type: 'postgres', poolSize: 9 } }, environment).storage).toEqual({
      ...filled,
      poolSize: 9,
    });
    expect(resolveOptions({}, { ...environment, PYWORKFLOW_STORAGE: 'memory' }).storage).toEqual({ type: 'memory' });
    expect(resolveOptions({ role: 'client' }, environment).engine.role).toBe('client');
    expect(faultsFor({ storage: { type: 'postgres', url: 'http://ada:secret@db' } }).join()).not.toContain('secret');
    expect(faultsFor({}, { ...environment, PYWORKFLOW_POSTGRES_POOL_SIZE: 'many' })).toEqual([
      `storage of type 'postgres': poolSize must be a whole number from 1; it is "many".`,
    ]);
  });

  it('takes Redis from the options and from the environment, its own variable first, and shows no password', () => {
    const shared = { PYWORKFLOW_STORAGE: 'redis', PYWORKFLOW_REDIS_URL: 'redis://queues:1' };
    expect(resolveOptions({}, shared).storage).toEqual({ type: 'redis', url: 'redis://queues:1' });
    const environment = {
      ...shared,
      PYWORKFLOW_REDIS_STORAGE_URL: 'rediss://ada:secret@runs:2/3',
      PYWORKFLOW_REDIS_STORAGE_PREFIX: '{flows}:',
    };
    const filled = { type: 'redis', url: 'rediss://ada:secret@runs:2/3', keyPrefix: '{flows}:' };
    expect(resolveOptions({}, environment).storage).toEqual(filled);
    const given = { type: 'redis' as const, url: 'redis://mine', keyPrefix: undefined, retryFor: '1m' };
    expect(resolveOptions({ storage: given }, environment).storage).toEqual({
      ...filled,
      url: 'redis://mine',
      retryFor: '1m',
    });
    expect(resolveOptions({ role: 'client' }, environment).engine.role).toBe('client');
    expect(resolveOptions({}, { PYWORKFLOW_REDIS_URL: 'redis://queues:1' }).storage).toMatchObject({ type: 'sqlite' });
    expect(faultsFor({ storage: { type: 'redis', url: 'http://ada:secret@db' } }).join()).not.toContain('secret');
  });

  it('takes a store as an instance, a class or a provider', () => {
    const store = new MemoryStore();
    expect(resolveOptions({ storage: store }, {}).storage).toBe(store);
    expect(resolveOptions({ storage: MemoryStore }, {}).storage).toBe(MemoryStore);
    expect(faultsFor({ storage: { type: 'provider', token: 'STORE' } })).toEqual([]);
  });

  it('lists everything that is wrong in one error', () => {
    const options = {
      storage: { type: 'mongo' },
      lease: 'soon',
      stepConcurency: 5,
      queues: { mail: { concurrency: 0 } },
      role: 'boss',
    };
    const faults = faultsFor(options, { PYWORKFLOW_EVENT_LIMIT: 'many', PYWORKFLOW_STORGE: 'memory' });
    expect(faults).toEqual([
      expect.stringMatching(/^PyWorkflowModule.forRoot\(\): lease must be a duration such as/),
      'PyWorkflowModule.forRoot(): there is no option "stepConcurency". Did you mean "stepConcurrency"?',
      `PyWorkflowModule.forRoot(): role must be 'all' or 'client' or 'orchestrator' or 'step-worker'; it is "boss".`,
      'The environment variable PYWORKFLOW_EVENT_LIMIT must be a whole number from 1; it is "many".',
      'There is no environment variable PYWORKFLOW_STORGE. Did you mean "PYWORKFLOW_STORAGE"?',
      expect.stringMatching(/^storage must be \{ type: 'sqlite', path \}.* its type is "mongo"\./),
      'queue "mail": concurrency must be a whole number from 1; it is 0.',
    ]);
    expect(() => resolveOptions(options, {})).toThrow(/cannot start, for 5 reasons:\n- /);
  });

  it.each([
    [undefined, /must be an object with options; it is undefined/],
    [null, /must be an object with options; it is null/],
    ['memory', /must be an object with options; it is "memory"/],
    [{ storage: 'memory' }, /storage must be .*; it is "memory"/],
    [{ storage: class Foreign {} }, /storage is the function Foreign, which does not extend WorkflowStore/],
    [{ storage: { type: 'sqlite', path: '' } }, /path must be the path of a file/],
    [{ storage: { type: 'file', path: '\0' } }, /path must be the path of a directory/],
    [{ storage: { type: 'file', synchronous: 'OFF' } }, /synchronous must be 'FULL' or 'NORMAL'/],
    [{ storage: { type: 'sqlite', path: 'file:./runs.db' } }, /path must be the path of a file, and no URL/],
    [{ storage: { type: 'sqlite', pth: 'a' } }, /there is no option "pth". Did you mean "path"/],
    [{ storage: { type: 'sqlite', synchronous: 'OFF' } }, /synchronous must be 'FULL' or 'NORMAL'/],
    [{ storage: { type: 'sqlit' } }, /its type is "sqlit". Did you mean "sqlite"\?/],
    [{ storage: { type: 'provider' } }, /storage of type 'provider' needs its token/],
    [{ storage: { type: 'provider', token: 5 } }, /token must be the token of a provider/],
    [{ storage: { type: 'typeorm' } }, /storage of type 'typeorm' needs its dataSource/],
    [
      { storage: { type: 'postgres', url: 'postgres://localhost/x', schema: 'ä'.repeat(32) } },
      /schema must be the name of a schema, of at most 63 bytes/,
    ],
    [{ storage: { type: 'typeorm', dataSource: 'mine' } }, /dataSource must be a TypeORM DataSource; it is "mine"/],
    [{ storage: { type: 'postgres' } }, /has no url: pass one such as .* or set PYWORKFLOW_POSTGRES_URL/],
    [{ storage: { type: 'postgres', url: 'mysql://x:secret@host/db' } }, /has a url that is not one of PostgreSQL/],
    [
      { storage: { type: 'postgres', url: 'postgres://h/d', poolSize: 0, shema: 'a' } },
      /poolSize must be .*\n.*no option "shema". Did you mean "schema"/,
    ],
    [
      { queue: { type: 'bullmq', url: 'redis://h', connection: {} } },
      /url and connection say the same thing. Leave one of them out/,
    ],
    [{ queue: { type: 'bullmq', connection: 'h' as never } }, /connection must be what BullMQ takes, such as/],
    [{ queue: { type: 'bulmq' } }, /queue must be .*; its type is "bulmq". Did you mean "bullmq"/],
    [{ queue: 'bullmq' }, /queue must be .*; it is "bullmq"/],
    [{ storage: { type: 'redis' } }, /has no url: pass one such as .* or set PYWORKFLOW_REDIS_STORAGE_URL or/],
    [{ storage: { type: 'redis', url: 'host:6379' } }, /has a url that is not one of Redis/],
    [{ storage: { type: 'redis', url: 'redis://h', keyPrefx: 'a' } }, /no option "keyPrefx". Did you mean "keyPrefix"/],
    [{ storage: { type: 'redis', url: 'redis://h', retryFor: 'ever' } }, /retryFor must be a duration/],
    [{ storage: { type: 'memory', path: 'x' } }, /there is no option "path"/],
    [{ storage: { type: '__proto__' } }, /its type is "__proto__"/],
    [{ lease: '10ms' }, /lease must be a duration of 1000 ms or more/],
    [{ queues: [] }, /queues must be an object such as/],
    [{ queues: { mail: 5 } }, /queue "mail" must be an object with options; it is 5/],
    [{ logger: true }, /logger must be a Nest logger, or false/],
    [{ maxPayloadBytes: 1 }, /maxPayloadBytes must be a whole number from 1024/],
    [
      { storage: { type: 'redis', url: 'redis://h', keyPrefix: 'a:' }, queue: { type: 'bullmq', prefix: 'a' } },
      /the queue \(prefix "a"\) and of the storage \(keyPrefix "a:"\) begin alike.*keyPrefix: '{a}:'/,
    ],
    [{ role: 'orchestrator' }, /role 'orchestrator' needs a queue between processes/],
    [{ role: 'step-worker' }, /role 'step-worker' needs a queue between processes/],
    [{ role: 'client' }, /role 'client' needs a store that several processes share/],
    [{ compaction: 0 }, /compaction must be a whole number from 1, or false; it is 0/],
    [{ eventWarning: 100, eventLimit: 10 }, /eventWarning is 100, which is more than eventLimit \(10\)/],
  ])('refuses %p', (options, message) => {
    expect(faultsFor(options).join('\n')).toMatch(message);
  });

  it('takes the connection of an application for its queue, whatever the environment says of Redis', () => {
    const environment = { PYWORKFLOW_REDIS_URL: 'redis://runs:1', PYWORKFLOW_QUEUE_PREFIX: 'shop' };
    const connection = { host: 'redis' };
    expect(resolveOptions({ queue: { type: 'bullmq', connection } }, environment).queue).toEqual({
      type: 'bullmq',
      connection,
      prefix: 'shop',
    });
    const secret = { type: 'bullmq', connection: 'redis://ada:secret@h' as never } as const;
    expect(faultsFor({ queue: secret }).join()).not.toContain('secret');
  });

  it('knows the variables of the programs', () => {
    const environment = {
      PYWORKFLOW_APP_MODULE: './app.js',
      PYWORKFLOW_HEALTH_PORT: '1',
      PYWORKFLOW_HEALTH_HOST: '::1',
    };
    expect(faultsFor({}, environment)).toEqual([]);
    expect(faultsFor({}, { PYWORKFLOW_APP_MODUL: './app.js' })).toEqual([
      expect.stringContaining('PYWORKFLOW_APP_MODULE'),
    ]);
  });

  it('documents every option and every variable', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/configuration.md', import.meta.url)), 'utf8');
    const typo = faultsFor({ zzzzzzzzzzzzzzzzzzzzz: 1 })[0] ?? '';
    const options = (/Known: (.*)\.$/.exec(typo)?.[1] ?? '').split(', ');
    expect(options).toContain('stepConcurrency');
    for (const name of [...options, ...ENVIRONMENT_VARIABLES]) expect(page).toContain(`\`${name}\``);
  });
});
