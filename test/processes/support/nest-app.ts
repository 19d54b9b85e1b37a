import 'reflect-metadata';
import { type INestApplicationContext, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PyWorkflowModule, type PyWorkflowOptions, WorkflowClient } from '../../../src/index.js';
import { Ledger } from './ledger.js';

export const ledger = new Ledger(process.env['LEDGER']!);

/** An application with these workflows and steps, on the database that the test names. Problems go to standard error. */
export async function startApp(
  providers: Provider[],
  options: PyWorkflowOptions = {},
): Promise<{ readonly app: INestApplicationContext; readonly client: WorkflowClient }> {
  @Module({
    imports: [PyWorkflowModule.forRoot({ storage: { type: 'sqlite', path: process.env['DATABASE']! }, ...options })],
    providers,
  })
  class App {}
  ledger.write({ event: 'boot' });
  const app = await NestFactory.createApplicationContext(App, { logger: ['warn', 'error', 'fatal'] });
  app.enableShutdownHooks();
  return { app, client: app.get(WorkflowClient) };
}
