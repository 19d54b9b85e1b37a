import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { getCurrentContext, Step, type StepContext } from 'nestjs-pyworkflow';
import type { Order } from './order.js';

/** How long each step takes, so that there is something to see. */
const STEP_MS = Number(process.env['EXAMPLE_STEP_MS'] ?? 200);

/** Each step says where it ran. */
@Injectable()
export class OrderSteps {
  @Step({ maxRetries: 5, backoff: '200ms' })
  reserve(_order: Order): Promise<string> {
    return this.work();
  }

  @Step({ maxRetries: 5, backoff: '200ms' })
  charge(_order: Order): Promise<string> {
    return this.work();
  }

  @Step({ maxRetries: 5, backoff: '200ms' })
  ship(_order: Order): Promise<string> {
    return this.work();
  }

  private async work(): Promise<string> {
    const { stepName, attempt, signal } = getCurrentContext() as StepContext;
    await pause(STEP_MS, undefined, { signal });
    return `${stepName}, attempt ${attempt}, in process ${process.pid} of ${hostname()}`;
  }
}
