import type { ShopSettings } from './shop-process.js';

const ORDER = {
  id: 'mine-1',
  customer: 'Ada Berg',
  email: 'ada@example.com',
  country: 'CH',
  product: 'Milk jug',
  quantity: 1,
  cents: 1_990,
  paymentMethod: 'pm_card_visa',
};

/** Lines to paste into a shell while the shop is up. */
export function linesToTry({ port }: ShopSettings, someOrder: string, pid?: number): readonly string[] {
  const url = `http://127.0.0.1:${port}`;
  const post = (path: string, body: object): string =>
    `curl -s ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    '# what became of an order, and all that happened on the way',
    `curl -s ${url}/orders/${someOrder}`,
    `curl -s ${url}/orders/${someOrder}/events`,
    '# an order of your own; send it twice, and it is one',
    post('/orders', ORDER),
    `curl -s ${url}/orders/${ORDER.id}`,
    '# a big one waits for you: answer within eight seconds, with the link that /approvals gives',
    post('/orders', { ...ORDER, id: 'mine-2', product: 'Electric grinder', quantity: 5, cents: 34_900 }),
    `sleep 1; curl -s ${url}/approvals`,
    `curl -s -X POST ${url}$(curl -s ${url}/approvals | grep -o '/approvals/[^"]*' | head -1) -H 'content-type: application/json' -d '{"ok":true}'`,
    '# runs by status, workflow and tag',
    `curl -s '${url}/runs?workflow=refund&status=cancelled'`,
    `curl -s ${url}/report`,
    ...(pid === undefined ? [] : ['# kill it as often as you like; it is started again and goes on', `kill -9 ${pid}`]),
  ];
}
