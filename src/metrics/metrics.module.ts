import { type DynamicModule, Module } from '@nestjs/common';
import { register } from 'prom-client';
import { PYWORKFLOW_METRICS_OPTIONS, PYWORKFLOW_METRICS_REGISTRY } from './metrics.constants.js';
import { metricsControllerAt } from './metrics.controller.js';
import { PyWorkflowMetricsLifecycle } from './metrics.lifecycle.js';
import { checkMetricsOptions, type PyWorkflowMetricsOptions } from './metrics.options.js';

/**
 * Metrics of the engine for Prometheus, by prom-client. Import it once, beside `PyWorkflowModule`.
 *
 * @example
 * ```ts
 * PyWorkflowMetricsModule.forRoot({ path: '/metrics', defaultMetrics: true })
 * ```
 * @publicApi
 */
@Module({})
export class PyWorkflowMetricsModule {
  /**
   * Registers the metrics, and a controller if `path` is given: nothing is open over HTTP unless it is.
   *
   * @throws PyWorkflowConfigError that lists everything that is wrong with the options
   */
  static forRoot(options: PyWorkflowMetricsOptions = {}): DynamicModule {
    checkMetricsOptions(options);
    const { path = false, registry = register, prefix = 'pyworkflow_', defaultMetrics = false } = options;
    return {
      module: PyWorkflowMetricsModule,
      controllers: path === false ? [] : [metricsControllerAt(path)],
      providers: [
        { provide: PYWORKFLOW_METRICS_OPTIONS, useValue: { path, registry, prefix, defaultMetrics } },
        { provide: PYWORKFLOW_METRICS_REGISTRY, useValue: registry },
        PyWorkflowMetricsLifecycle,
      ],
      exports: [PYWORKFLOW_METRICS_REGISTRY],
    };
  }
}
