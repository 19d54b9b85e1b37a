import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { PyWorkflowExtras, PyWorkflowOptions } from './options/pyworkflow.options.js';
import { PYWORKFLOW_WEBHOOKS } from './pyworkflow.constants.js';
import { webhookController } from './webhooks/webhook.controller.js';
import { WebhookReceiver } from './webhooks/webhook-receiver.js';

const EXTRAS: PyWorkflowExtras = { isGlobal: true, webhooks: undefined };

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: PYWORKFLOW_MODULE_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<PyWorkflowOptions>({ moduleName: 'PyWorkflow' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createPyWorkflowOptions')
  .setExtras(EXTRAS, (definition, { isGlobal, webhooks }) => ({
    ...withWebhooks(definition, webhooks),
    global: isGlobal,
  }))
  .build();

/** Mounts the controller if it is asked for; what is wrong with its options is listed when the application starts. */
function withWebhooks(definition: DynamicModule, webhooks: PyWorkflowExtras['webhooks']): DynamicModule {
  const given = { provide: PYWORKFLOW_WEBHOOKS, useValue: webhooks ?? null };
  const { providers = [], imports = [] } = definition;
  if (typeof webhooks !== 'object' || webhooks === null) return { ...definition, providers: [...providers, given] };
  return {
    ...definition,
    imports: [...imports, ...(Array.isArray(webhooks.imports) ? webhooks.imports : [])],
    controllers: [webhookController(webhooks)],
    providers: [...providers, given, WebhookReceiver],
  };
}
