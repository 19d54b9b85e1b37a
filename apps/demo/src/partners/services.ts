import { chance } from './chance.js';

export type Request = Readonly<Record<string, unknown>>;

/** What a partner answers: a value, or a refusal that no second try changes. */
export type Answer = { readonly value: unknown } | { readonly refusal: string };

/** What a partner can be asked to do. */
export type Service = Readonly<Record<string, (request: Request, key: string) => Answer>>;

/** How many of each product are in the warehouse; some are too few for all orders. */
const WAREHOUSE: Readonly<Record<string, number>> = {
  'Espresso cup (4)': 60,
  'Moka pot (6 cups)': 62,
  'Hand grinder': 80,
  'Kitchen scale': 50,
  'Gooseneck kettle': 40,
  'Pour-over stand': 70,
  'House blend 1 kg': 130,
  'Single origin Yirgacheffe 1 kg': 120,
  'Electric grinder': 60,
  'Espresso machine': 130,
  'Water filter (3)': 90,
  'Milk jug': 80,
};

const DECLINED = 'pm_card_declined';

export function warehouse(): Service {
  const stock = new Map(Object.entries(WAREHOUSE));
  const change = (product: unknown, by: number): number => {
    const left = (stock.get(String(product)) ?? 0) + by;
    if (left >= 0) stock.set(String(product), left);
    return left;
  };
  return {
    reserve: ({ product, quantity }) =>
      change(product, -Number(quantity)) < 0 ? { refusal: 'out of stock' } : { value: { reserved: quantity } },
    release: ({ product, quantity }) => ({ value: { left: change(product, Number(quantity)) } }),
    count: ({ product }) => ({ value: stock.get(String(product)) ?? 0 }),
    list: () => ({ value: [...stock.keys()] }),
  };
}

export function payments(): Service {
  return {
    charge: ({ paymentMethod, cents }, key) =>
      paymentMethod === DECLINED ? { refusal: 'insufficient funds' } : { value: { id: `pay_${code(key)}`, cents } },
    refund: (_, key) => ({ value: { id: `ref_${code(key)}` } }),
  };
}

export function carrier(): Service {
  return { ship: (_, key) => ({ value: { trackingNumber: `1Z${code(key).toUpperCase()}` } }) };
}

export function mail(): Service {
  return { send: () => ({ value: { accepted: true } }) };
}

function code(key: string): string {
  return Math.floor(chance(key) * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
}
