import type { OrderDto } from '../shop/orders/order.dto.js';
import { audit } from './audit.js';
import { sendOrders } from './customers.js';
import { Errands } from './errands.js';
import { answerApprovals } from './manager.js';
import { Screen } from './screen.js';
import { ShopClient } from './shop-client.js';
import { ShopProcess } from './shop-process.js';
import type { Stage } from './stage.js';
import { callsTable, type Report, sayWhatTheEngineSays, sayWhatWasRetried, statesTable } from './summary.js';

const ERRANDS_AT = 0.35;
const KILL_AT = 0.45;

/** The story that `npm run demo` tells. */
export class Demo {
  readonly screen: Screen;
  private readonly client: ShopClient;
  private readonly startedAt = Date.now();
  private shop: ShopProcess | undefined;

  /** @param signal ends it early */
  constructor(
    private readonly stage: Stage,
    private readonly orders: readonly OrderDto[],
    private readonly signal: AbortSignal,
  ) {
    this.screen = new Screen(stage.tally, orders.length);
    this.client = new ShopClient(`http://127.0.0.1:${stage.settings.port}`, signal);
  }

  /** @returns what is wrong with the partners' books; empty if every order was finished once */
  async play(): Promise<readonly string[]> {
    const { tally } = this.stage;
    await this.startShop();
    const manager = answerApprovals(tally, this.client);
    const errands = new Errands(this.client, tally);
    this.screen.startProgress();
    await Promise.all([
      sendOrders(this.orders, this.client),
      this.whenFinished(ERRANDS_AT, () => errands.begin()),
      this.whenFinished(KILL_AT, () => this.killAndRestart()),
      this.whenFinished(1),
    ]);
    const besides = await errands.finish();
    this.screen.stopProgress();
    manager.goHome();
    return this.conclude(besides);
  }

  /** Keeps the shop up, however it ends, until it is aborted. */
  async serve(): Promise<void> {
    const aborted = new Promise<void>((resolve) => this.signal.addEventListener('abort', () => resolve()));
    while (!this.signal.aborted) {
      await Promise.race([this.shop?.ended(), aborted]);
      if (!this.signal.aborted) await this.startShop();
    }
  }

  /** @throws if the shop does not stop as a deploy would have it stop */
  async end(): Promise<void> {
    this.screen.stopProgress();
    const isInOrder = (await this.shop?.stop()) ?? true;
    this.stage.partners.close();
    if (!isInOrder) throw new Error(`The shop had to be killed; ${this.stage.settings.log} says what it was at.`);
  }

  /** The process of the shop. */
  get shopPid(): number | undefined {
    return this.shop?.pid;
  }

  private async startShop(): Promise<void> {
    const { settings } = this.stage;
    this.shop = await ShopProcess.start(settings, this.signal);
    const { pid, bootMs } = this.shop;
    this.screen.tell('shop', `process ${pid} answers on ${this.client.url} after ${seconds(bootMs)}`);
  }

  private async killAndRestart(): Promise<void> {
    const { tally } = this.stage;
    const shop = this.shop!;
    const { pid } = shop;
    this.shop = undefined;
    await shop.kill();
    const killedAt = Date.now();
    this.screen.say();
    this.screen.tell(
      'SIGKILL',
      `process ${pid} after ${seconds(killedAt - this.startedAt)}: ` +
        `${tally.ended.size} orders finished, ${tally.underWay} under way`,
    );
    await this.startShop();
    const next = this.shop!.pid;
    await tally.until(() => tally.firstCallOf.has(next), this.signal);
    const waited = tally.firstCallOf.get(next)! - killedAt;
    this.screen.tell('', `its first step is done ${seconds(waited)} after the kill, the start of the process included`);
    this.screen.say();
  }

  /** Goes on when a part of the orders is finished. */
  private async whenFinished(part: number, goOn?: () => Promise<void>): Promise<void> {
    const { tally } = this.stage;
    await tally.until(() => tally.ended.size >= part * this.orders.length, this.signal);
    await goOn?.();
  }

  private async conclude(besides: string): Promise<readonly string[]> {
    const { screen } = this;
    const { ledger } = this.stage;
    const rows = ledger.read();
    const books = audit(this.orders, rows);
    const report = await this.client.get<Report>('/report');
    screen.say();
    screen.say(statesTable(books));
    screen.say();
    screen.say(callsTable(rows));
    screen.say();
    screen.tell('retried', sayWhatWasRetried(rows));
    screen.tell('', `${this.client.sentAgain} requests of customers found no shop at first, and were sent again`);
    screen.tell('besides', besides);
    screen.tell('engine', `says ${sayWhatTheEngineSays(report)}`);
    screen.tell('took', seconds(Date.now() - this.startedAt));
    screen.say();
    for (const problem of books.problems.slice(0, 20)) screen.tell('WRONG', problem);
    const verdict = books.problems.length === 0 ? 'finished exactly once' : 'NOT all finished exactly once';
    screen.say(`${this.orders.length} orders, ${verdict}: so say the partners' books, ${ledger.path},`);
    screen.say('which the engine does not write.');
    return books.problems;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
