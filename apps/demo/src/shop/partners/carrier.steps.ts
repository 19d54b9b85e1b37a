import { Injectable } from '@nestjs/common';
import { Step } from 'nestjs-pyworkflow';
import type { OrderDto } from '../orders/order.dto.js';
import { PartnersClient } from './partners.client.js';
import { PATIENT } from './patient.js';

export interface Parcel {
  readonly trackingNumber: string;
}

@Injectable()
export class CarrierSteps {
  constructor(private readonly partners: PartnersClient) {}

  @Step(PATIENT)
  ship({ id, customer, country, product, quantity }: OrderDto): Promise<Parcel> {
    return this.partners.call('carrier', 'ship', id, { to: customer, country, product, quantity });
  }
}
