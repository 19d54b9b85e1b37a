import { InvalidInputError, RUN_STATUSES } from '../../libs/core/index.js';
import { isHookToken, TOKEN_RULE } from '../../libs/runtime/index.js';
import {
  aBoolean,
  aDate,
  aDuration,
  aKey,
  aName,
  anInteger,
  faultsOf,
  type Rule,
  type Rules,
  tags,
} from '../checks/rules.js';
import { show } from '../checks/show.js';

const START_RULES: Rules = { runId: aKey, idempotencyKey: aKey, tags, version: anInteger(1) };
const RESULT_RULES: Rules = { timeout: aDuration() };
const CANCEL_RULES: Rules = { wait: aDuration() };
const EVENT_RULES: Rules = { after: anInteger(0), limit: anInteger(1), includeTokens: aBoolean };
const DELIVERY_RULES: Rules = { deliveryId: aKey };
const HOOKS_RULES: Rules = { includeTokens: aBoolean };

const aStatus: Rule = (value) =>
  RUN_STATUSES.some((status) => status === value) ? undefined : `one of ${RUN_STATUSES.join(', ')}`;
const statuses: Rule = (value) => {
  const list = Array.isArray(value) ? value : [value];
  return list.map(aStatus).find((fault) => fault !== undefined);
};
const aCursor: Rule = (value) =>
  typeof value === 'string' && value.length <= 2_000 ? undefined : 'the nextCursor of the page before';
const FILTER_RULES: Rules = {
  status: statuses,
  workflow: aName,
  tags,
  createdAfter: aDate,
  createdBefore: aDate,
  cursor: aCursor,
  limit: anInteger(1, 1_000),
};

export const check = {
  startOptions: (options: unknown) => refuse(faultsOf('The options of start()', options, START_RULES)),
  resultOptions: (options: unknown) => refuse(faultsOf('The options of result()', options, RESULT_RULES)),
  cancelOptions: (options: unknown) => refuse(faultsOf('The options of cancel()', options, CANCEL_RULES)),
  eventOptions: (options: unknown) => refuse(faultsOf('The options of getEvents()', options, EVENT_RULES)),
  deliveryOptions: (options: unknown) => refuse(faultsOf('The options of resumeHook()', options, DELIVERY_RULES)),
  hooksOptions: (options: unknown) => refuse(faultsOf('The options of listHooks()', options, HOOKS_RULES)),
  filter: (filter: unknown) => refuse(faultsOf('The filter of listRuns()', filter, FILTER_RULES)),

  runId: (runId: unknown) => {
    const wanted = aKey(runId);
    if (wanted !== undefined) throw new InvalidInputError(`A run id is ${wanted}; this is ${show(runId)}.`);
  },

  args: (args: unknown) => {
    if (Array.isArray(args)) return;
    throw new InvalidInputError(`The arguments of a run are a list, such as [order]; this is ${show(args)}.`);
  },

  token: (token: unknown) => {
    if (isHookToken(token)) return;
    throw new InvalidInputError(
      `A hook token is ${TOKEN_RULE}; this is ${typeof token === 'string' ? `a text of ${token.length} characters that cannot be one` : show(token)}. Check that it was copied whole.`,
    );
  },
};

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new InvalidInputError(faults.join('\n'));
}
