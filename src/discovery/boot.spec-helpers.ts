import type { ModuleMetadata } from '@nestjs/common';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { WorkflowTestingModule } from '../testing/index.js';

const open: WorkflowTestingModule[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((module) => module.close()));
});

/** An application with these providers, closed after the test. */
export async function boot(
  metadata: ModuleMetadata,
  configure: (builder: ReturnType<typeof WorkflowTestingModule.create>) => void = () => {},
): Promise<WorkflowTestingModule> {
  const builder = WorkflowTestingModule.create(metadata);
  configure(builder);
  const module = await builder.compile();
  open.push(module);
  return module;
}

/** What keeps an application with these providers from starting. */
export async function faultsAtBoot(metadata: ModuleMetadata): Promise<readonly string[]> {
  try {
    await boot(metadata);
  } catch (error) {
    if (error instanceof PyWorkflowConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** The step calls that a run has made. */
export async function stepsOf(module: WorkflowTestingModule, runId: string): Promise<readonly string[]> {
  const events = await module.client.getEvents(runId);
  return events.flatMap(({ type, id }) => (type === 'step.scheduled' ? [id ?? ''] : []));
}
