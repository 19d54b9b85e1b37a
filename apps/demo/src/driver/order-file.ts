import { readFileSync } from 'node:fs';
import type { OrderDto } from '../shop/orders/order.dto.js';

/** The orders of a CSV file: id,customer,email,country,product,quantity,unitPrice,paymentMethod. */
export function readOrders(path: string): readonly OrderDto[] {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [id, customer, email, country, product, quantity, unitPrice, paymentMethod] = line.split(',') as Columns;
    const cents = Math.round(Number(unitPrice) * 100);
    return { id, customer, email, country, product, quantity: Number(quantity), cents, paymentMethod };
  });
}

type Columns = [string, string, string, string, string, string, string, string];
