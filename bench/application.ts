import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PyWorkflowModule, type PyWorkflowOptions, type StorageOptions } from 'nestjs-pyworkflow';
import { Probe } from './probe.js';
import { BENCH_PROVIDERS } from './workflows.js';

/** An application like any user's: the module, workflows and steps. */
export function openApplication(
  storage: StorageOptions,
  probe: Probe,
  options: PyWorkflowOptions = {},
): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(benchModule({ ...options, storage }, probe), { logger: false });
}

function benchModule(options: PyWorkflowOptions, probe: Probe): Type {
  @Module({
    imports: [PyWorkflowModule.forRoot({ logger: false, eventWarning: 50_000, ...options })],
    providers: [...BENCH_PROVIDERS, { provide: Probe, useValue: probe }],
  })
  class BenchModule {}
  return BenchModule;
}
