#!/usr/bin/env node
import 'reflect-metadata';
import { runProcess } from 'nestjs-pyworkflow/bootstrap';

try {
  const { app } = await runProcess('step-worker');
  app.enableShutdownHooks();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
