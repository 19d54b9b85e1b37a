import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { type Duration, durationToMs } from '../../libs/core/index.js';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions, type GuardedGlobals } from '../../libs/runtime/index.js';
import { DEFAULT_MAX_BYTES } from '../../libs/serialization/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { aBoolean, aDuration, anInteger, faultsOf, oneOf, type Rule, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';
import { suggest } from '../checks/suggest.js';
import { ENVIRONMENT_VARIABLES, optionsFromEnvironment } from './environment.js';
import { hookBaseUrl, type ResolvedWebhooks, resolveWebhooks, webhookFaults } from '../webhooks/resolve-webhooks.js';
import type { PyWorkflowExtras, PyWorkflowOptions } from './pyworkflow.options.js';
import type { QueueChoice } from './queue.options.js';
import { namedQueueFaults, prefixFaults, queueFaults, roleFaults, withQueueDefaults } from './resolve-queue.js';
import { storageFaults, withStorageDefaults } from './resolve-storage.js';
import type { StorageOptions } from './storage.options.js';

/** The options of a process, complete and checked. */
export interface ResolvedOptions {
  readonly engine: EngineOptions;
  readonly storage: StorageOptions;
  readonly queue: QueueChoice;
  readonly maxPayloadBytes: number;
  readonly logger: PyWorkflowOptions['logger'];
  readonly webhooks: ResolvedWebhooks;
}

/** A lease that is shorter would be lost over a long garbage collection. */
const SHORTEST_LEASE_MS = 1_000;

const anything: Rule = () => undefined;
const aLogger: Rule = (value) =>
  value === false || (typeof value === 'object' && value !== null && 'log' in value)
    ? undefined
    : 'a Nest logger, or false';

const aPublicUrl: Rule = (value) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isUsable = url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
  return isUsable ? undefined : "a URL such as 'https://shop.example/api', without a query";
};
/** What is given beside `useFactory` is taken out of the options before they come here. */
const besideTheFactory: Rule = () =>
  'given beside useFactory, since it decides which controller the module has: forRootAsync({ useFactory, webhooks })';
const GUARD_RULES: Rules = { date: aBoolean, random: aBoolean, io: aBoolean };
const guards: Rule = (value) => {
  if (typeof value === 'boolean' || faultsOf('', value, GUARD_RULES).length === 0) return undefined;
  return 'true, false, or an object such as { date: true, random: true, io: false }';
};

const RULES: Rules = {
  storage: anything,
  queue: anything,
  role: oneOf('all', 'client', 'orchestrator', 'step-worker'),
  lease: aDuration(SHORTEST_LEASE_MS),
  recoveryInterval: aDuration(100),
  sessionIdle: aDuration(),
  stepConcurrency: anInteger(1),
  queues: anything,
  maxPayloadBytes: anInteger(1_024),
  maxRecoveryAttempts: anInteger(0),
  shutdownGrace: aDuration(),
  eventWarning: anInteger(1),
  eventLimit: anInteger(1),
  compaction: (value) =>
    value === false || anInteger(1)(value) === undefined ? undefined : 'a whole number from 1, or false',
  onChangedInput: oneOf('warn', 'block'),
  publicUrl: aPublicUrl,
  guardGlobals: guards,
  logger: aLogger,
  isGlobal: aBoolean,
  webhooks: besideTheFactory,
} satisfies Record<keyof PyWorkflowOptions | keyof PyWorkflowExtras, Rule>;

/**
 * Fills what is left out, from the environment and from the defaults.
 *
 * @param webhooks what was given as such; null if nothing was
 * @throws PyWorkflowConfigError that lists everything that is wrong
 */
export function resolveOptions(
  given: unknown,
  environment: NodeJS.ProcessEnv = process.env,
  webhooks: unknown = null,
): ResolvedOptions {
  const faults = faultsOf('PyWorkflowModule.forRoot()', given, RULES);
  const stated = definedFields(given);
  const filled = filledFrom(environment, stated);
  faults.push(...variableFaults(environment, stated));
  const options = { ...filled, ...stated } as PyWorkflowOptions;
  const storage = withStorageDefaults(options.storage, environment);
  const queue = withQueueDefaults(options.queue, environment);
  faults.push(
    ...storageFaults(storage),
    ...queueFaults(queue),
    ...namedQueueFaults(options.queues),
    ...roleFaults(options.role, queue, storage),
    ...prefixFaults(queue, storage),
    ...eventFaults(options),
    ...webhookFaults(webhooks, options.publicUrl),
  );
  if (faults.length > 0) throw new PyWorkflowConfigError(faults);
  const { maxPayloadBytes = DEFAULT_MAX_BYTES } = options;
  return {
    storage,
    queue,
    engine: { ...engineOptions(options), ...hookBaseUrl(options.publicUrl, webhooks) },
    maxPayloadBytes,
    logger: options.logger,
    webhooks: resolveWebhooks(webhooks, maxPayloadBytes),
  };
}

/** What is wrong with the environment of a process whose module cannot be asked what options it states itself. */
export function environmentFaults(environment: NodeJS.ProcessEnv): readonly string[] {
  return [
    ...variableFaults(environment, {}),
    ...storageFaults(withStorageDefaults(filledFrom(environment, {})['storage'], environment)),
    ...queueFaults(withQueueDefaults(filledFrom(environment, {})['queue'], environment)),
  ];
}

function filledFrom(environment: NodeJS.ProcessEnv, stated: object): Readonly<Record<string, unknown>> {
  const { options } = optionsFromEnvironment(environment);
  return Object.fromEntries(Object.entries(options).filter(([field]) => !(field in stated)));
}

function variableFaults(environment: NodeJS.ProcessEnv, stated: object): readonly string[] {
  const { sources } = optionsFromEnvironment(environment);
  const faults = faultsOf('The environment', filledFrom(environment, stated), RULES);
  return [...faults.map((fault) => nameVariable(fault, sources)), ...unknownVariables(environment)];
}

function engineOptions(options: PyWorkflowOptions): EngineOptions {
  const defaults = DEFAULT_ENGINE_OPTIONS;
  const ms = (duration: Duration | undefined, otherwise: number) =>
    duration === undefined ? otherwise : durationToMs(duration);
  const queues = Object.entries(options.queues ?? {});
  return {
    ...defaults,
    // Names this process for good: a name that came back would be taken for its predecessor's.
    owner: `${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}`,
    role: options.role ?? defaults.role,
    leaseMs: ms(options.lease, defaults.leaseMs),
    recoveryIntervalMs: ms(options.recoveryInterval, defaults.recoveryIntervalMs),
    sessionIdleMs: ms(options.sessionIdle, defaults.sessionIdleMs),
    shutdownGraceMs: ms(options.shutdownGrace, defaults.shutdownGraceMs),
    stepConcurrency: options.stepConcurrency ?? defaults.stepConcurrency,
    queueConcurrency: new Map(
      queues.flatMap(([name, { concurrency }]) => (concurrency === undefined ? [] : [[name, concurrency]])),
    ),
    queueRateLimits: new Map(
      queues.flatMap(([name, { rateLimit }]) =>
        rateLimit === undefined ? [] : [[name, { max: rateLimit.max, durationMs: durationToMs(rateLimit.per) }]],
      ),
    ),
    maxRecoveryAttempts: options.maxRecoveryAttempts ?? defaults.maxRecoveryAttempts,
    eventWarning: options.eventWarning ?? Math.min(defaults.eventWarning, options.eventLimit ?? Infinity),
    eventLimit: options.eventLimit ?? defaults.eventLimit,
    compactAfter: options.compaction === false ? Infinity : (options.compaction ?? defaults.compactAfter),
    onChangedInput: options.onChangedInput ?? defaults.onChangedInput,
    guardGlobals: guardedGlobals(options.guardGlobals),
  };
}

function guardedGlobals(given: PyWorkflowOptions['guardGlobals'] = true): GuardedGlobals {
  if (given === false) return { date: false, random: false, io: false };
  return { ...DEFAULT_ENGINE_OPTIONS.guardGlobals, ...definedFields(given) };
}

function definedFields(given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function nameVariable(fault: string, sources: Readonly<Record<string, string>>): string {
  return fault.replace(/^The environment: (\w+)/, (_, field: string) => `The environment variable ${sources[field]}`);
}

function unknownVariables(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('PYWORKFLOW_') && !ENVIRONMENT_VARIABLES.includes(name))
    .filter((name) => suggest(name, ENVIRONMENT_VARIABLES).startsWith(' Did you mean'))
    .map((name) => `There is no environment variable ${name}.${suggest(name, ENVIRONMENT_VARIABLES)}`);
}

function eventFaults({ eventWarning, eventLimit = DEFAULT_ENGINE_OPTIONS.eventLimit }: PyWorkflowOptions): string[] {
  if (eventWarning === undefined || !(eventWarning > eventLimit)) return [];
  return [
    `eventWarning is ${show(eventWarning)}, which is more than eventLimit (${show(eventLimit)}): a run would fail before it is warned about.`,
  ];
}
