import { setTimeout as pause } from 'node:timers/promises';
import { chance } from '../partners/chance.js';
import { type ShopClient, ShopError } from './shop-client.js';
import type { Tally } from './tally.js';

const OVERLOOKS = 0.12;
const REFUSES = 0.15;
const GONE = 410;

/** Reads the mails that ask for approval, thinks for a while, and follows the link; overlooks some. */
export function answerApprovals(tally: Tally, shop: ShopClient): { goHome(): void } {
  let isThere = true;
  tally.onRow(({ about, outcome, request: { kind, link } }) => {
    if (isThere && outcome === 'done' && kind === 'approval') answer(shop, about, String(link)).catch(() => {});
  });
  return { goHome: () => (isThere = false) };
}

async function answer(shop: ShopClient, order: string, link: string): Promise<void> {
  const mood = chance(`mood about ${order}`);
  await pause(300 + 1_000 * chance(`thinking about ${order}`));
  if (mood < OVERLOOKS) return;
  const ok = mood > OVERLOOKS + REFUSES;
  try {
    await shop.post(link, { ok }, { 'idempotency-key': `answer about ${order}` });
  } catch (error) {
    // The time was up before the shop was there to hear the answer.
    if (!(error instanceof ShopError && error.status === GONE)) throw error;
  }
}
