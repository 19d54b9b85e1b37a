import type { LedgerRow } from '../partners/ledger.js';
import { audit } from './audit.js';

const order = {
  id: '1',
  customer: 'Ada Berg',
  email: 'ada@example.com',
  country: 'CH',
  product: 'Milk jug',
  quantity: 2,
  cents: 1_000,
  paymentMethod: 'pm_card_visa',
};

function call(action: string, more: Partial<LedgerRow> = {}): LedgerRow {
  return {
    at: 0,
    pid: 1,
    partner: 'x',
    action,
    key: `order-1:${action}#1`,
    about: '1',
    outcome: 'done',
    request: {},
    ...more,
  };
}

const reserve = call('reserve');
const charge = call('charge', { request: { cents: 2_000 } });
const ship = call('ship');
const end = call('send', { request: { kind: 'end', state: 'shipped' } });
const shipped = [reserve, charge, ship, end];

function problemsOf(...rows: readonly LedgerRow[]): readonly string[] {
  return audit([order], rows).problems;
}

it('finds nothing wrong with an order that was finished once', () => {
  expect(audit([order], shipped)).toEqual({ states: new Map([['shipped', 1]]), problems: [] });
});

it('finds an order that was not finished, and one that was finished twice', () => {
  expect(problemsOf(reserve, charge, ship)).toEqual(['order 1 was finished 0 times']);
  expect(problemsOf(...shipped, { ...end, key: 'order-1:send#2' })).toEqual(['order 1 was finished 2 times']);
});

it('finds an order that was charged twice, for the wrong amount, or shipped without being charged', () => {
  expect(problemsOf(reserve, charge, { ...charge, key: 'order-1:charge#2' }, ship, end)).toEqual([
    'order 1 is shipped, and has 2 times "charge" instead of 1',
  ]);
  expect(problemsOf(reserve, { ...charge, request: { cents: 1 } }, ship, end)).toEqual([
    'order 1 costs 2000 and was charged 1',
  ]);
  expect(problemsOf(reserve, ship, end)).toEqual(['order 1 is shipped, and has 0 times "charge" instead of 1']);
});

it('accepts a call that came again before the run had gone on', () => {
  const again = { ...charge, pid: 2, outcome: 'repeated' as const };
  expect(problemsOf(reserve, { ...charge, outcome: 'unavailable' }, charge, again, ship, end)).toEqual([]);
});

it('finds a call that came again after the run had gone on', () => {
  expect(problemsOf(...shipped, { ...charge, pid: 2, outcome: 'repeated' })).toEqual([
    '"charge" for 1 was called again after the run had gone on',
  ]);
});
