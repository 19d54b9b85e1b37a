import type { LedgerRow } from '../partners/ledger.js';
import type { OrderDto } from '../shop/orders/order.dto.js';
import type { OrderState } from '../shop/orders/order.workflow.js';
import { groupBy } from './group-by.js';

/** How often a partner must have done what for an order that has ended in that state. */
const BOOKS: Readonly<Record<OrderState, Readonly<Record<string, number>>>> = {
  shipped: { reserve: 1, release: 0, charge: 1, ship: 1 },
  'out of stock': { reserve: 0, release: 0, charge: 0, refund: 0, ship: 0 },
  'card declined': { reserve: 1, release: 1, charge: 0, refund: 0, ship: 0 },
  'refused by the manager': { reserve: 1, release: 1, charge: 1, refund: 1, ship: 0 },
  'approval timed out': { reserve: 1, release: 1, charge: 1, refund: 1, ship: 0 },
};

/** Steps that are under way at the same time, so that one of them says nothing about the other. */
const SIDE_BY_SIDE: ReadonlySet<string> = new Set(['refund', 'release', 'count']);

export interface Audit {
  /** How many orders have ended in each state. */
  readonly states: ReadonlyMap<string, number>;
  /** Why not every order was finished once; empty if all is well. */
  readonly problems: readonly string[];
}

/** Finds out from the partners' books alone whether every order was finished exactly once. */
export function audit(orders: readonly OrderDto[], rows: readonly LedgerRow[]): Audit {
  const byOrder = groupBy(rows, ({ about }) => about);
  const states = new Map<string, number>();
  const problems: string[] = [];
  for (const order of orders) {
    const done = (byOrder.get(order.id) ?? []).filter(({ outcome }) => outcome === 'done');
    const ends = done.filter(({ request }) => request['kind'] === 'end').map(({ request }) => String(request['state']));
    const [state] = ends;
    if (ends.length !== 1) problems.push(`order ${order.id} was finished ${ends.length} times`);
    if (state === undefined) continue;
    states.set(state, (states.get(state) ?? 0) + 1);
    problems.push(...wrongEffects(order, state, done));
  }
  return { states, problems: [...problems, ...unexplained(rows)] };
}

function wrongEffects(order: OrderDto, state: string, done: readonly LedgerRow[]): string[] {
  const expected = Object.entries(BOOKS[state as OrderState] ?? {});
  const wrong = expected.flatMap(([action, times]) => {
    const found = done.filter((row) => row.action === action).length;
    return found === times
      ? []
      : [`order ${order.id} is ${state}, and has ${found} times "${action}" instead of ${times}`];
  });
  const charged = done.find(({ action }) => action === 'charge')?.request['cents'];
  const price = order.quantity * order.cents;
  if (charged !== undefined && charged !== price)
    wrong.push(`order ${order.id} costs ${price} and was charged ${charged}`);
  return wrong;
}

/** A step is recorded before the next one begins: then it must not come again, however its process ends. */
function unexplained(rows: readonly LedgerRow[]): string[] {
  const byRun = groupBy(rows, ({ key }) => key.slice(0, key.indexOf(':')));
  return [...byRun.values()].flatMap((calls) =>
    calls.flatMap((call, index) => {
      const earlier = calls.findIndex(({ key }) => key === call.key);
      const between = calls.slice(earlier, index).filter(({ key }) => key !== call.key);
      const isOver = between.some(({ action }) => !(SIDE_BY_SIDE.has(action) && SIDE_BY_SIDE.has(call.action)));
      return isOver ? [`"${call.action}" for ${call.about} was called again after the run had gone on`] : [];
    }),
  );
}
