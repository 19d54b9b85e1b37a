import { Injectable } from '@nestjs/common';
import { sleep, Step, type StepOptions, Workflow, WorkflowCancelledError } from 'nestjs-pyworkflow';
import { MailSteps } from '../partners/mail.steps.js';
import { PartnersClient } from '../partners/partners.client.js';
import { PATIENT } from '../partners/patient.js';
import type { Payment } from '../partners/payment.steps.js';

/** How long the customer can think again. In a real shop: '1d'. */
const COOLING_OFF = '10s';

/** The same as a `@Step` method, for those who like a class for each. */
@Injectable()
export class SendMoneyBack extends Step {
  static override readonly options: StepOptions = { ...PATIENT, name: 'send-money-back' };

  constructor(private readonly partners: PartnersClient) {
    super();
  }

  execute(orderId: string, payment: Payment): Promise<{ readonly id: string }> {
    return this.partners.call('payments', 'refund', orderId, { payment: payment.id, cents: payment.cents });
  }
}

/** Sends money back after a while in which the customer can withdraw the request: `client.cancel(runId)`. */
@Injectable()
export class RefundWorkflow extends Workflow {
  static override readonly options = { name: 'refund', tags: ['money'] };

  constructor(
    private readonly sendMoneyBack: SendMoneyBack,
    private readonly mail: MailSteps,
  ) {
    super();
  }

  async run(orderId: string, payment: Payment): Promise<string> {
    try {
      await sleep(COOLING_OFF);
    } catch (error) {
      // A cancelled run may still clean up, with steps if need be; it ends as cancelled when it throws this on.
      if (error instanceof WorkflowCancelledError) await this.mail.sayThatMoneyComes(orderId, false);
      throw error;
    }
    const { id } = await this.sendMoneyBack.execute(orderId, payment);
    await this.mail.sayThatMoneyComes(orderId, true);
    return id;
  }
}
