/** As `logging`, by Nest's own logger: without nestjs-pino. */
import 'reflect-metadata';
import { ConsoleLogger, Injectable, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PyWorkflowModule } from 'nestjs-pyworkflow';
import { WorkflowLogger } from 'nestjs-pyworkflow/logging';
import { Bank, OrderWorkflow, runOrder, Steps } from '../support/logged-order.js';

@Injectable()
class ConsoleBank extends Bank {
  private readonly logger = new Logger('Bank');

  override async pay(amount: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.log({ msg: 'bank pays', amount });
  }
}

@Module({
  imports: [PyWorkflowModule.forRoot({ storage: { type: 'sqlite', path: process.env['DATABASE']! } })],
  providers: [{ provide: Bank, useClass: ConsoleBank }, Steps, OrderWorkflow],
})
class App {}

const isJson = process.env['NODE_ENV'] === 'production';
const app = await NestFactory.createApplicationContext(App, { bufferLogs: true });
app.useLogger(new WorkflowLogger(new ConsoleLogger({ json: isJson, colors: false })));
await runOrder(app);
