import { Controller, Get, Inject, Res, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PYWORKFLOW_METRICS_REGISTRY } from './metrics.constants.js';
import type { MetricsRegistry } from './metrics.options.js';

/** A controller that gives the metrics at a path, on any of Nest's HTTP platforms. */
export function metricsControllerAt(path: string): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class PyWorkflowMetricsController {
    constructor(
      @Inject(PYWORKFLOW_METRICS_REGISTRY) private readonly registry: MetricsRegistry,
      private readonly host: HttpAdapterHost,
    ) {}

    /** Answers by itself, so that interceptors which wrap what controllers return leave the text alone. */
    @Get()
    async give(@Res() response: unknown): Promise<void> {
      const text = await this.registry.metrics();
      const { httpAdapter } = this.host;
      httpAdapter.setHeader(response, 'Content-Type', this.registry.contentType);
      httpAdapter.reply(response, text, 200);
    }
  }
  return PyWorkflowMetricsController;
}
