import { createHook, HookExpiredError, Workflow } from 'nestjs-pyworkflow';
import { CarrierSteps } from '../partners/carrier.steps.js';
import { MailSteps } from '../partners/mail.steps.js';
import { RefusedError } from '../partners/partners.client.js';
import { type Payment, PaymentSteps } from '../partners/payment.steps.js';
import { WarehouseSteps } from '../partners/warehouse.steps.js';
import { OrderDto } from './order.dto.js';

export type OrderState = 'shipped' | 'out of stock' | 'card declined' | 'refused by the manager' | 'approval timed out';

export interface OrderResult {
  readonly state: OrderState;
  readonly payment?: Payment;
  readonly trackingNumber?: string;
}

/** What the manager answers. */
export interface Approval {
  readonly ok: boolean;
}

/** Orders from 1,000.00 on are looked at by a person. */
const APPROVAL_FROM_CENTS = 100_000;
const APPROVAL_TIMEOUT = '8s'; // In a real shop: '3d'.

/**
 * Takes an order from the basket to the door.
 *
 * Ordinary code: each call of a step is recorded, so that a process that takes over after a crash goes on behind the
 * last one that is.
 */
@Workflow({ name: 'order', maxDuration: '30d', input: OrderDto, description: 'From the basket to the door.' })
export class OrderWorkflow {
  constructor(
    private readonly warehouse: WarehouseSteps,
    private readonly payments: PaymentSteps,
    private readonly carrier: CarrierSteps,
    private readonly mail: MailSteps,
  ) {}

  async run(order: OrderDto): Promise<OrderResult> {
    const result = await this.fulfil(order);
    await this.mail.sayHowItEnded(order, result.state);
    return result;
  }

  private async fulfil(order: OrderDto): Promise<OrderResult> {
    try {
      await this.warehouse.reserve(order);
    } catch (error) {
      if (error instanceof RefusedError) return { state: 'out of stock' };
      throw error;
    }

    let payment: Payment;
    try {
      payment = await this.payments.charge(order);
    } catch (error) {
      await this.warehouse.release(order);
      if (error instanceof RefusedError) return { state: 'card declined' };
      throw error;
    }

    const objection = await this.askTheManager(order);
    if (objection) {
      await Promise.all([this.payments.refund(order.id, payment), this.warehouse.release(order)]);
      return { state: objection, payment };
    }

    const { trackingNumber } = await this.carrier.ship(order);
    return { state: 'shipped', payment, trackingNumber };
  }

  /** Waits for a person, or until the time is up; no process holds anything meanwhile. */
  private async askTheManager(order: OrderDto): Promise<OrderState | undefined> {
    if (order.quantity * order.cents < APPROVAL_FROM_CENTS) return undefined;
    const approval = createHook<Approval>({ name: 'approval', timeout: APPROVAL_TIMEOUT });
    await this.mail.askForApproval(order, approval.token);
    try {
      const { ok } = await approval;
      return ok ? undefined : 'refused by the manager';
    } catch (error) {
      if (error instanceof HookExpiredError) return 'approval timed out';
      throw error;
    }
  }
}
