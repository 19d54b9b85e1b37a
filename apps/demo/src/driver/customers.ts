import { setTimeout as pause } from 'node:timers/promises';
import type { OrderDto } from '../shop/orders/order.dto.js';
import type { ShopClient } from './shop-client.js';

const BETWEEN_ORDERS_MS = 25;

/** Sends all orders to the shop, one after another; each is sent until the shop takes it. */
export async function sendOrders(orders: readonly OrderDto[], shop: ShopClient): Promise<void> {
  const start = Date.now();
  const sent = orders.map(async (order, index) => {
    await pause(start + index * BETWEEN_ORDERS_MS - Date.now());
    await shop.post('/orders', order);
  });
  await Promise.all(sent);
}
