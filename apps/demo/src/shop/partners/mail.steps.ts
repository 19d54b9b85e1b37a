import { Injectable } from '@nestjs/common';
import { Step } from 'nestjs-pyworkflow';
import type { OrderDto } from '../orders/order.dto.js';
import { ShopConfig } from '../shop.config.js';
import { PartnersClient } from './partners.client.js';
import { PATIENT } from './patient.js';

const MANAGER = 'manager@shop.example';

@Injectable()
export class MailSteps {
  constructor(
    private readonly partners: PartnersClient,
    private readonly config: ShopConfig,
  ) {}

  /** The last thing that happens to an order. */
  @Step(PATIENT)
  sayHowItEnded(order: OrderDto, state: string): Promise<void> {
    return this.send(order.id, order.email, `Your order ${order.id}: ${state}`, { kind: 'end', state });
  }

  /** The link lets whoever has it answer for the manager, so it goes to nobody else. */
  @Step(PATIENT)
  askForApproval(order: OrderDto, token: string): Promise<void> {
    const link = `${this.config.publicUrl}/approvals/${token}`;
    return this.send(order.id, MANAGER, `May order ${order.id} go?`, { kind: 'approval', link });
  }

  @Step(PATIENT)
  askForReview(orderId: string, email: string, token: string): Promise<void> {
    const link = `${this.config.publicUrl}/reviews/${token}`;
    return this.send(orderId, email, 'How do you like it?', { kind: 'review', link });
  }

  @Step(PATIENT)
  sayThatMoneyComes(orderId: string, isComing: boolean): Promise<void> {
    const subject = isComing ? 'Your money is on its way' : 'Your refund is withdrawn';
    return this.send(orderId, 'customer', subject, { kind: 'refund' });
  }

  private async send(about: string, to: string, subject: string, rest: object): Promise<void> {
    await this.partners.call('mail', 'send', about, { to, subject, ...rest });
  }
}
