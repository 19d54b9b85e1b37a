import { Workflow, WorkflowError } from 'nestjs-pyworkflow';
import { WorkflowTestingModule } from 'nestjs-pyworkflow/testing';
import { closeLater } from './e2e-app.spec-helpers.js';

@Workflow({ name: 'order' })
class OrderWorkflow {
  async run(): Promise<void> {}
}

const any = (value: unknown): never => value as never;
const providers = [OrderWorkflow];

describe('the testing kit refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /WorkflowTestingModule\.create\(\) must be an object with options; it is undefined/],
    ['null', null, /must be an object with options; it is null/],
    ['a list of providers', providers, /must be an object with options; it is a list of 1/],
    ['a module', OrderWorkflow, /must be an object with options; it is the function OrderWorkflow/],
    ['a misspelt field', { provider: providers }, /there is no option "provider"\. Did you mean "providers"\?/],
    ['a time that is a text', { providers, startAt: '2026-01-01' }, /startAt must be a valid Date; it is "2026-01-01"/],
    [
      'an invalid Date',
      { providers, startAt: new Date('soon') },
      /startAt must be a valid Date; it is an invalid Date/,
    ],
    ['options that are no object', { providers, workflow: 'memory' }, /must be an object with options; it is "memory"/],
    [
      'an unknown option',
      { providers, workflow: { storag: {} } },
      /there is no option "storag"\. Did you mean "storage"\?/,
    ],
    ['an import that is undefined', { imports: [undefined] }, /imports\[0\] is undefined/],
  ])('%s', async (_, metadata, message) => {
    const module = async () => closeLater(await WorkflowTestingModule.create(any(metadata)).compile());
    const error: unknown = await module().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowError);
    expect((error as Error).message).toMatch(message);
  });
});
