import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../partners/ledger.js';
import { Partners } from '../partners/partners.js';
import { freePort } from './free-port.js';
import { historiesIn } from './histories.js';
import type { ShopSettings } from './shop-process.js';
import { Tally } from './tally.js';

const PREFERRED_PORT = 4700;

/** All that is there before the story begins: an empty directory, the partners, and their books. */
export interface Stage {
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly partners: Partners;
  readonly settings: ShopSettings;
}

/** Sets the stage in a directory, whose last demo is removed. */
export async function setStage(directory: string): Promise<Stage> {
  mkdirSync(directory, { recursive: true });
  const ledger = new Ledger(join(directory, 'ledger.jsonl'));
  const log = join(directory, 'shop.log');
  for (const file of [ledger.path, log]) rmSync(file, { force: true });
  const histories = historiesIn(directory);
  const tally = new Tally();
  const partners = await Partners.open(ledger, (row) => tally.add(row));
  const port = await freePort(Number(process.env['DEMO_PORT'] ?? PREFERRED_PORT));
  return { ledger, tally, partners, settings: { port, histories, log, partnersUrl: partners.url } };
}
