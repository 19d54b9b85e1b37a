/** An application that logs by nestjs-pino, runs one workflow and ends, or hangs in its second step. */
import 'reflect-metadata';
import { Injectable, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger as PinoNestLogger, LoggerModule, PinoLogger } from 'nestjs-pino';
import { PyWorkflowModule, Step, Workflow, WorkflowClient } from 'nestjs-pyworkflow';
import { workflowLogging } from 'nestjs-pyworkflow/logging';

/** Knows nothing of workflows. */
@Injectable()
class Bank {
  constructor(private readonly logger: PinoLogger) {}

  async pay(amount: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.info({ amount }, 'bank pays');
  }
}

@Injectable()
class Steps {
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
class OrderWorkflow {
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

@Module({
  imports: [
    LoggerModule.forRoot(workflowLogging({ level: 'info' })),
    PyWorkflowModule.forRoot({ storage: { type: 'sqlite', path: process.env['DATABASE']! } }),
  ],
  providers: [Bank, Steps, OrderWorkflow],
})
class App {}

const app = await NestFactory.createApplicationContext(App, { bufferLogs: true });
app.useLogger(app.get(PinoNestLogger));
const client = app.get(WorkflowClient);
if (!process.env['GO_ON']) await client.start(OrderWorkflow, [], { runId: 'r1' });
await client.getResult('r1', { timeout: '20s' });
new Logger('Main').log('ended');
await app.close();
