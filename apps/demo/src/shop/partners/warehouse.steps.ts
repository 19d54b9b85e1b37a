import { Injectable } from '@nestjs/common';
import { Step } from 'nestjs-pyworkflow';
import type { OrderDto } from '../orders/order.dto.js';
import { PartnersClient } from './partners.client.js';
import { PATIENT } from './patient.js';

@Injectable()
export class WarehouseSteps {
  constructor(private readonly partners: PartnersClient) {}

  /** @throws RefusedError if there is not enough of it */
  @Step(PATIENT)
  async reserve({ id, product, quantity }: OrderDto): Promise<void> {
    await this.partners.call('warehouse', 'reserve', id, { product, quantity });
  }

  @Step(PATIENT)
  async release({ id, product, quantity }: OrderDto): Promise<void> {
    await this.partners.call('warehouse', 'release', id, { product, quantity });
  }

  @Step(PATIENT)
  listProducts(): Promise<string[]> {
    return this.partners.call('warehouse', 'list', 'stock count', {});
  }

  @Step(PATIENT)
  count(product: string): Promise<number> {
    return this.partners.call('warehouse', 'count', product, { product });
  }
}
