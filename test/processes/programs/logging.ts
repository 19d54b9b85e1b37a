/** An application that logs by nestjs-pino, runs one workflow and ends, or hangs in its second step. */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger, LoggerModule, PinoLogger } from 'nestjs-pino';
import { PyWorkflowModule } from 'nestjs-pyworkflow';
import { workflowLogging } from 'nestjs-pyworkflow/logging';
import { Bank, OrderWorkflow, runOrder, Steps } from '../support/logged-order.js';

@Injectable()
class PinoBank extends Bank {
  constructor(private readonly logger: PinoLogger) {
    super();
  }

  override async pay(amount: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.info({ amount }, 'bank pays');
  }
}

@Module({
  imports: [
    LoggerModule.forRoot(workflowLogging({ level: 'info' })),
    PyWorkflowModule.forRoot({ storage: { type: 'sqlite', path: process.env['DATABASE']! } }),
  ],
  providers: [{ provide: Bank, useClass: PinoBank }, Steps, OrderWorkflow],
})
class App {}

const app = await NestFactory.createApplicationContext(App, { bufferLogs: true });
app.useLogger(app.get(Logger));
await runOrder(app);
