import { Injectable } from '@nestjs/common';
import { Step } from 'nestjs-pyworkflow';
import type { OrderDto } from '../orders/order.dto.js';
import { PartnersClient } from './partners.client.js';
import { PATIENT } from './patient.js';

export interface Payment {
  readonly id: string;
  readonly cents: number;
}

@Injectable()
export class PaymentSteps {
  constructor(private readonly partners: PartnersClient) {}

  /** @throws RefusedError if the card is declined */
  @Step(PATIENT)
  charge(order: OrderDto): Promise<Payment> {
    const cents = order.quantity * order.cents;
    return this.partners.call('payments', 'charge', order.id, { paymentMethod: order.paymentMethod, cents });
  }

  @Step(PATIENT)
  refund(orderId: string, payment: Payment): Promise<{ readonly id: string }> {
    return this.partners.call('payments', 'refund', orderId, { payment: payment.id, cents: payment.cents });
  }
}
