import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { findEngine } from '../runtime/find-engine.js';
import { EngineMetrics } from './engine-metrics.js';
import { PYWORKFLOW_METRICS_OPTIONS } from './metrics.constants.js';
import type { PyWorkflowMetricsOptions } from './metrics.options.js';
import { WorkloadMetrics } from './workload-metrics.js';

/** Registers the metrics before the engine begins to work, and removes them when the application is closed. */
@Injectable()
export class PyWorkflowMetricsLifecycle implements OnModuleInit, OnApplicationShutdown {
  private stopObserving = (): void => {};
  private readonly registered: string[] = [];

  constructor(
    @Inject(PYWORKFLOW_METRICS_OPTIONS) private readonly options: Required<PyWorkflowMetricsOptions>,
    private readonly moduleRef: ModuleRef,
  ) {}

  onModuleInit(): void {
    const engine = findEngine(this.moduleRef, 'PyWorkflowMetricsModule');
    const { registry, prefix, defaultMetrics } = this.options;
    const before = new Set(this.names());
    try {
      const metrics = new EngineMetrics(registry, prefix, engine.ports.registry);
      new WorkloadMetrics(registry, prefix, engine);
      if (defaultMetrics) collectDefaultMetrics({ register: registry as Registry });
      this.stopObserving = engine.ports.counters.observe(metrics);
    } catch (error) {
      throw new PyWorkflowConfigError([
        `the metrics cannot be registered: ${(error as Error).message} Import PyWorkflowMetricsModule once, and give each application of a process a prefix or a registry of its own.`,
      ]);
    } finally {
      this.registered.push(...this.names().filter((name) => !before.has(name)));
    }
  }

  onApplicationShutdown(): void {
    this.stopObserving();
    for (const name of this.registered) this.options.registry.removeSingleMetric(name);
  }

  private names(): readonly string[] {
    return this.options.registry.getMetricsAsArray().map(({ name }) => name);
  }
}
