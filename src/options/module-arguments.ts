import { types } from 'node:util';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { aBoolean, aList, faultsOf, type Rule, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';

const aFunction: Rule = (value) => (typeof value === 'function' ? undefined : 'a function');
const aClass: Rule = (value) => (typeof value === 'function' ? undefined : 'a class');
const anything: Rule = () => undefined;

const ASYNC = 'PyWorkflowModule.forRootAsync()';
const ASYNC_RULES: Rules = {
  imports: aList,
  inject: aList,
  useFactory: aFunction,
  useClass: aClass,
  useExisting: anything,
  provideInjectionTokensFrom: aList,
  isGlobal: aBoolean,
  webhooks: anything,
};

/** @throws PyWorkflowConfigError if they cannot be taken apart; what is in them is checked when the application starts */
export function assertOptions(options: unknown): void {
  const what = 'PyWorkflowModule.forRoot()';
  if (types.isPromise(options))
    return refuse([`${what} must be an object with options; it is a promise: use forRootAsync({ useFactory }).`]);
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const shape = isObject ? { isGlobal: Reflect.get(options, 'isGlobal') as unknown } : options;
  refuse(faultsOf(what, shape, { isGlobal: aBoolean }));
}

/** @throws PyWorkflowConfigError where Nest would name a dependency that the user has never heard of */
export function assertAsyncOptions(options: unknown): void {
  refuse(faultsOf(ASYNC, options, ASYNC_RULES));
  const { useFactory, useClass, useExisting } = options as Readonly<Record<string, unknown>>;
  if (useFactory ?? useClass ?? useExisting) return;
  refuse([
    `${ASYNC} takes where its options come from: { inject, useFactory }, { useClass } or { useExisting }; none of them is given.`,
  ]);
}

/** @throws PyWorkflowConfigError if it is no list of providers */
export function assertProviders(providers: unknown): void {
  const takes = 'PyWorkflowModule.forFeature() takes a list of workflows and steps, as the providers of a module';
  if (!Array.isArray(providers)) return refuse([`${takes}; it is ${show(providers)}.`]);
  const missing = providers.findIndex((provider) => provider === undefined || provider === null);
  if (missing < 0) return;
  refuse([
    `${takes}; number ${missing + 1} of them is ${show(providers[missing])}: two files import each other, or a name is misspelt.`,
  ]);
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new PyWorkflowConfigError(faults);
}
