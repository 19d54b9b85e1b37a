import { type INestApplicationContext, Injectable, Logger } from '@nestjs/common';
import { Step, Workflow, WorkflowClient } from 'nestjs-pyworkflow';

/** Knows nothing of workflows. */
export abstract class Bank {
  abstract pay(amount: number): Promise<void>;
}

@Injectable()
export class Steps {
  private readonly logger = new Logger('Steps');

  constructor(private readonly bank: Bank) {}

  @Step({ name: 'charge' })
  async charge(): Promise<void> {
    this.logger.log('charging');
    await this.bank.pay(42);
  }

  @Step({ name: 'ship' })
  async ship(): Promise<void> {
    this.logger.warn('shipping');
    if (process.env['HANG']) await new Promise(() => {});
  }
}

@Workflow({ name: 'order' })
export class OrderWorkflow {
  private readonly logger = new Logger('OrderWorkflow');

  constructor(private readonly steps: Steps) {}

  async run(): Promise<void> {
    this.logger.log('began');
    await this.steps.charge();
    this.logger.log('charged');
    await this.steps.ship();
    this.logger.log('shipped');
  }
}

/** Runs one workflow, or goes on with it, and closes the application. */
export async function runOrder(app: INestApplicationContext): Promise<void> {
  const client = app.get(WorkflowClient);
  if (!process.env['GO_ON']) await client.start(OrderWorkflow, [], { runId: 'r1' });
  await client.getResult('r1', { timeout: '20s' });
  new Logger('Main').log('ended');
  await app.close();
}
