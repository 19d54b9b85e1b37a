import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { chance } from './chance.js';
import type { Ledger, LedgerRow, Outcome } from './ledger.js';
import { type Answer, carrier, mail, payments, type Request, type Service, warehouse } from './services.js';

/** How a partner lets the shop down, as parts of its calls. */
interface Trouble {
  /** It says 503 and does nothing. */
  readonly unavailable: number;
  /** It does what it was asked, and the connection breaks before its answer. */
  readonly answerLost: number;
}

const TROUBLE: Readonly<Record<string, Trouble>> = {
  payments: { unavailable: 0.15, answerLost: 0.05 },
  carrier: { unavailable: 0.05, answerLost: 0.02 },
};
const NO_TROUBLE: Trouble = { unavailable: 0, answerLost: 0 };

/** A call as the shop sends it. */
interface Call {
  readonly partner: string;
  readonly action: string;
  readonly key: string;
  readonly pid: number;
  readonly about: string;
  readonly request: Request;
}

/**
 * Everybody the shop deals with, on a server of their own: the warehouse, a payment company, a carrier, a mail service.
 *
 * They are as real ones are: slow, unreliable, and idempotent by key. They write down what they do in their own ledger.
 */
export class Partners {
  private readonly services: Readonly<Record<string, Service>> = {
    warehouse: warehouse(),
    payments: payments(),
    carrier: carrier(),
    mail: mail(),
  };
  private readonly answers = new Map<string, Answer>();
  private readonly calls = new Map<string, number>();

  private constructor(
    private readonly ledger: Ledger,
    private readonly onCall: (row: LedgerRow) => void,
    private readonly server: Server,
  ) {}

  /** @param onCall is told of each call, when it is in the ledger */
  static async open(ledger: Ledger, onCall: (row: LedgerRow) => void): Promise<Partners> {
    const server = createServer((request, response) => {
      partners.serve(request, response).catch(() => response.destroy());
    });
    const partners = new Partners(ledger, onCall, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return partners;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, partner = '', action = ''] = request.url!.split('/');
    const call = { partner, action, ...(JSON.parse(await text(request)) as Omit<Call, 'partner' | 'action'>) };
    const luck = this.luckOf(call);
    const { unavailable, answerLost } = TROUBLE[partner] ?? NO_TROUBLE;
    await pause(10 + 50 * luck);
    if (luck < unavailable) {
      this.note(call, 'unavailable');
      response.writeHead(503).end();
      return;
    }
    const isAnswerLost = luck > 1 - answerLost;
    const answer = this.answer(call, isAnswerLost);
    if (isAnswerLost) response.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  /** One key is one effect, however often it is asked for. */
  private answer(call: Call, isAnswerLost: boolean): Answer {
    const earlier = this.answers.get(call.key);
    if (earlier) {
      this.note(call, 'repeated', isAnswerLost);
      return earlier;
    }
    const answer = this.services[call.partner]![call.action]!(call.request, call.key);
    this.answers.set(call.key, answer);
    this.note(call, 'refusal' in answer ? 'refused' : 'done', isAnswerLost);
    return answer;
  }

  private luckOf({ key }: Call): number {
    const calls = (this.calls.get(key) ?? 0) + 1;
    this.calls.set(key, calls);
    return chance(`${key} ${calls}`);
  }

  private note(call: Call, outcome: Outcome, isAnswerLost = false): void {
    this.onCall(this.ledger.write({ ...call, outcome, ...(isAnswerLost && { isAnswerLost }) }));
  }
}
