/** One of several equal processes: it runs workflows and steps until a signal stops it. */
import { NestFactory } from '@nestjs/core';
import { WorkflowEngine } from '../../../libs/runtime/index.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.createApplicationContext(AppModule, { abortOnError: false });
app.enableShutdownHooks();
process.stdout.write(`process ${app.get(WorkflowEngine, { strict: false }).ports.options.owner} is up\n`);
