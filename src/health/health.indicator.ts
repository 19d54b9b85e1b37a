import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { WorkflowEngine } from '../../libs/runtime/index.js';
import { findEngine } from '../runtime/find-engine.js';
import { checkBacklog, checkProcess, checkQueue, checkStorage, type Finding } from './health.checks.js';
import { healthLimits, type PingOptions, type PyWorkflowHealthOptions } from './health.options.js';

/**
 * Says whether workflows get on, for the health checks of `@nestjs/terminus`: a provider of the module that imports
 * `TerminusModule`. What is down gives its `reasons`, each with what to do.
 *
 * @example
 * ```ts
 * @Get()
 * @HealthCheck()
 * check() {
 *   return this.health.check([() => this.workflows.isHealthy('workflows', { maxOverdue: '2m' })]);
 * }
 * ```
 * @publicApi
 */
@Injectable()
export class PyWorkflowHealthIndicator implements OnModuleInit {
  private engine!: WorkflowEngine;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly moduleRef: ModuleRef,
  ) {}

  onModuleInit(): void {
    this.engine = findEngine(this.moduleRef, 'PyWorkflowHealthIndicator');
  }

  /**
   * All of it: the process is not stopping, storage and queue answer, and runs that are due are taken up.
   *
   * @throws InvalidInputError if the options are wrong
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: PyWorkflowHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const limits = healthLimits('isHealthy', options);
    const findings = [checkQueue(this.engine, limits), checkBacklog(this.engine, limits)];
    return this.report(key, [checkProcess(this.engine), ...(await Promise.all(findings))]);
  }

  /** Whether the storage answers. @throws InvalidInputError if the options are wrong */
  async isStorageUp<const Key extends string>(
    key: Key,
    options: PingOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    return this.report(key, [await checkStorage(this.engine, healthLimits('isStorageUp', options))]);
  }

  /** Whether the queue answers. One in the process always does. @throws InvalidInputError if the options are wrong */
  async isQueueUp<const Key extends string>(key: Key, options: PingOptions = {}): Promise<HealthIndicatorResult<Key>> {
    return this.report(key, [await checkQueue(this.engine, healthLimits('isQueueUp', options))]);
  }

  /** Whether runs that are due are taken up, by whichever process. @throws InvalidInputError if the options are wrong */
  async isKeepingUp<const Key extends string>(
    key: Key,
    options: PyWorkflowHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    return this.report(key, [await checkBacklog(this.engine, healthLimits('isKeepingUp', options))]);
  }

  private report<Key extends string>(key: Key, findings: readonly Finding[]): HealthIndicatorResult<Key> {
    const facts: Record<string, unknown> = Object.assign({}, ...findings.map((finding) => finding.facts));
    const reasons = findings.flatMap(({ reason }) => reason ?? []);
    const indicator = this.indicators.check(key);
    return reasons.length === 0 ? indicator.up(facts) : indicator.down({ ...facts, reasons });
  }
}
