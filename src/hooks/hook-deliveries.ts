import { Injectable } from '@nestjs/common';
import { WorkflowStore } from '../../libs/core/index.js';
import { HookNotFoundError, WorkflowEngine } from '../../libs/runtime/index.js';
import { HookCatalog } from './hook-catalog.js';

/** Hands payloads to hooks, once they are valid. */
@Injectable()
export class HookDeliveries {
  constructor(
    private readonly engine: WorkflowEngine,
    private readonly store: WorkflowStore,
    private readonly catalog: HookCatalog,
  ) {}

  /** @throws ValidationFailedError, HookNotFoundError, HookNotDefinedError, HookUsedError, HookExpiredError, SerializationError */
  async deliver(token: string, payload: unknown, deliveryId?: string): Promise<{ readonly runId: string }> {
    // Then there is nothing to validate by, so the hook need not be looked at before.
    if (this.catalog.isEmpty) return this.engine.deliverHook(token, payload, deliveryId, { unlessDefined: true });
    return this.engine.deliverHook(token, await this.validate(token, payload), deliveryId);
  }

  private async validate(token: string, payload: unknown): Promise<unknown> {
    const hook = await this.store.hooks.findByToken(token);
    if (!hook) throw new HookNotFoundError();
    const definition = await this.catalog.find(hook);
    return definition ? definition.accept(payload) : payload;
  }
}
