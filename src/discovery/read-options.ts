import { durationToMs, type RetryPolicy, retryPolicy } from '../../libs/core/index.js';
import type { StepDefinition, WorkflowDefinition } from '../../libs/runtime/index.js';
import {
  aBoolean,
  aDuration,
  aName,
  anInteger,
  aText,
  faultsOf,
  oneOf,
  type Rule,
  type Rules,
  tags,
} from '../checks/rules.js';
import type { StepOptions } from '../decorators/step.options.js';
import type { WorkflowOptions } from '../decorators/workflow.options.js';
import { isClass } from './provider.js';

export type CheckedWorkflow = Omit<WorkflowDefinition, 'invoke'> &
  Pick<WorkflowOptions, 'description' | 'input' | 'stepContext'>;
export type CheckedStep = Omit<StepDefinition, 'invoke'> & Pick<StepOptions, 'args'>;

const anything: Rule = () => undefined;
const isDto = (type: unknown): boolean =>
  type === undefined || isClass(type) || (Array.isArray(type) && type.length === 1 && isClass(type[0]));
const DTO_LIST = 'a list with one class per argument, such as [OrderDto] or [[ItemDto]] for a list of them';
const dtoList: Rule = (value) => (Array.isArray(value) && value.every(isDto) ? undefined : DTO_LIST);
const dtoOrList: Rule = (value) =>
  isClass(value) || dtoList(value) === undefined ? undefined : `a class, or ${DTO_LIST}`;
const aClass: Rule = (value) => (isClass(value) ? undefined : 'a class');
const retries: Rule = (value) => (value === Infinity ? undefined : anInteger(0)(value)?.concat(', or Infinity'));

const WORKFLOW_RULES: Rules = {
  name: aName,
  version: anInteger(1),
  maxDuration: aDuration(1),
  tags,
  recoverOnWorkerLoss: aBoolean,
  maxRecoveryAttempts: anInteger(0),
  description: aText,
  input: dtoOrList,
  stepContext: aClass,
} satisfies Record<keyof WorkflowOptions, Rule>;

const STEP_RULES: Rules = {
  name: aName,
  maxRetries: retries,
  backoff: anything,
  retryDelay: anything,
  retryIf: anything,
  timeout: aDuration(1),
  queue: aName,
  local: aBoolean,
  onExhausted: oneOf('fail', 'pause'),
  args: dtoList,
} satisfies Record<keyof StepOptions, Rule>;

/** @returns undefined after adding to `faults` what is wrong */
export function readWorkflow(
  what: string,
  defaultName: string,
  given: unknown,
  faults: string[],
): CheckedWorkflow | undefined {
  const found = faultsOf(what, given, WORKFLOW_RULES);
  if (found.length === 0) found.push(...faultOfName(what, defaultName, given as WorkflowOptions));
  faults.push(...found);
  if (found.length > 0) return undefined;
  const options = given as WorkflowOptions;
  const { name = defaultName, version = 1, maxDuration, recoverOnWorkerLoss = true, maxRecoveryAttempts } = options;
  return {
    name,
    version,
    tags: [...new Set(options.tags)],
    recoverOnWorkerLoss,
    ...(maxDuration === undefined ? undefined : { maxDurationMs: durationToMs(maxDuration) }),
    ...(maxRecoveryAttempts === undefined ? undefined : { maxRecoveryAttempts }),
    ...(options.description === undefined ? undefined : { description: options.description }),
    ...(options.input === undefined ? undefined : { input: options.input }),
    ...(options.stepContext === undefined ? undefined : { stepContext: options.stepContext }),
  };
}

/** @returns undefined after adding to `faults` what is wrong */
export function readStep(what: string, defaultName: string, given: unknown, faults: string[]): CheckedStep | undefined {
  const found = faultsOf(what, given, STEP_RULES);
  const options = given as StepOptions;
  if (found.length === 0) found.push(...faultOfName(what, defaultName, options));
  const retry = found.length === 0 ? readRetry(what, options, found) : undefined;
  faults.push(...found);
  if (!retry) return undefined;
  const { name = defaultName, timeout, queue, local = false, onExhausted = 'fail', args } = options;
  return {
    name,
    retry,
    local,
    onExhausted,
    ...(timeout === undefined ? undefined : { timeoutMs: durationToMs(timeout) }),
    ...(queue === undefined ? undefined : { queue }),
    ...(args === undefined ? undefined : { args }),
  };
}

function faultOfName(what: string, defaultName: string, { name }: { readonly name?: string }): readonly string[] {
  return name === undefined && aName(defaultName) ? [`${what} has no name: give it one in its options.`] : [];
}

function readRetry(what: string, options: StepOptions, faults: string[]): RetryPolicy | undefined {
  try {
    return retryPolicy(options);
  } catch (error) {
    faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
