import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { PyWorkflowModule, type PyWorkflowOptions } from 'nestjs-pyworkflow';
import { ChaosSteps, NovelSteps } from './chaos.steps.js';
import {
  ApprovalWorkflow,
  CollectWorkflow,
  DeadlyWorkflow,
  EarlyRejectionWorkflow,
  FanOutWorkflow,
  LongWorkflow,
  NovelWorkflow,
  RaceWorkflow,
  SequenceWorkflow,
} from './chaos.workflows.js';

const LASTING: readonly Provider[] = [
  ChaosSteps,
  ApprovalWorkflow,
  CollectWorkflow,
  DeadlyWorkflow,
  EarlyRejectionWorkflow,
  FanOutWorkflow,
  LongWorkflow,
  RaceWorkflow,
  SequenceWorkflow,
];
const NEW: readonly Provider[] = [NovelSteps, NovelWorkflow];

/** An application with the chaos workflows; with `CHAOS_OLD` the one that was deployed before. */
@Module({})
export class ChaosModule {
  static with(options: PyWorkflowOptions): DynamicModule {
    const providers = [...LASTING, ...(process.env['CHAOS_OLD'] ? [] : NEW)];
    return { module: ChaosModule, imports: [PyWorkflowModule.forRoot(options)], providers };
  }
}
