import { Test } from '@nestjs/testing';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import type { PyWorkflowExtras, PyWorkflowOptions } from '../options/pyworkflow.options.js';
import { PyWorkflowModule } from '../pyworkflow.module.js';
import { WorkflowTestingModule } from '../testing/index.js';

type Given = PyWorkflowOptions & PyWorkflowExtras;
const base: Given = { storage: { type: 'memory' }, publicUrl: 'https://shop.example', logger: false };

async function faultsOf(module: ReturnType<typeof PyWorkflowModule.forRoot>): Promise<readonly string[]> {
  const refused: unknown = await Test.createTestingModule({ imports: [module] })
    .compile()
    .catch((error: unknown) => error);
  return refused instanceof PyWorkflowConfigError ? refused.faults : [];
}

describe('the controller of webhooks', () => {
  it('is part of the module only if it is asked for', () => {
    expect(PyWorkflowModule.forRoot(base).controllers).toBeUndefined();
    expect(PyWorkflowModule.forRoot({ ...base, webhooks: undefined }).controllers).toBeUndefined();
    expect(PyWorkflowModule.forRootAsync({ useFactory: () => base }).controllers).toBeUndefined();
    expect(PyWorkflowModule.forRoot({ ...base, webhooks: {} }).controllers).toHaveLength(1);
    expect(PyWorkflowModule.forRootAsync({ useFactory: () => base, webhooks: {} }).controllers).toHaveLength(1);
  });

  it('is a class of its own for each application in the process', () => {
    const [[first], [second]] = [{ path: 'a' }, { path: 'b' }].map(
      (webhooks) => PyWorkflowModule.forRoot({ ...base, webhooks }).controllers ?? [],
    ) as [[object], [object]];
    expect(first).not.toBe(second);
    expect(Reflect.getMetadata('path', first)).toBe('a');
    expect(Reflect.getMetadata('path', second)).toBe('b');
  });

  it('is refused with everything else that is wrong', async () => {
    const wrong = { ...base, lease: 'soon', webhooks: { path: 5, guards: [7], imports: 'no' } } as unknown as Given;
    expect(await faultsOf(PyWorkflowModule.forRoot(wrong))).toEqual([
      expect.stringMatching(/lease must be/),
      expect.stringMatching(/^webhooks: path must be/),
      expect.stringMatching(/^webhooks: guards must be/),
      expect.stringMatching(/^webhooks: imports must be/),
    ]);
    for (const webhooks of [true, 5, 'yes', []]) {
      const module = PyWorkflowModule.forRoot({ ...base, webhooks } as unknown as Given);
      expect(await faultsOf(module)).toEqual([expect.stringMatching(/^webhooks must be an object/)]);
    }
    const late = PyWorkflowModule.forRootAsync({ useFactory: () => ({ ...base, webhooks: {} }) as PyWorkflowOptions });
    expect(await faultsOf(late)).toEqual([expect.stringMatching(/webhooks must be given beside useFactory/)]);
  });

  it('needs no public address in a test', async () => {
    const imports = [PyWorkflowModule.forRoot({ ...base, publicUrl: undefined, webhooks: {} })];
    const module = await WorkflowTestingModule.create({ imports }).compile();
    await module.close();
  });
});
