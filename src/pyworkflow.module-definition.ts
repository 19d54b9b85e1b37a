import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { PyWorkflowOptions } from './options/pyworkflow.options.js';

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: PYWORKFLOW_MODULE_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<PyWorkflowOptions>({ moduleName: 'PyWorkflow' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createPyWorkflowOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();
