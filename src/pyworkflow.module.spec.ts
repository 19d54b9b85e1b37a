import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PyWorkflowConfigError } from './checks/config.error.js';
import { WorkflowClient } from './client/workflow-client.js';
import { Workflow } from './decorators/workflow.decorator.js';
import { boot } from './discovery/boot.spec-helpers.js';
import { PyWorkflowModule } from './pyworkflow.module.js';

type Import = DynamicModule | typeof PyWorkflowModule;

const given = (value: unknown): never => value as never;
const memory = { storage: { type: 'memory' }, logger: false } as const;

/** What keeps an application with these imports from starting. */
async function faultsOf(imports: () => Import[]): Promise<readonly string[]> {
  try {
    @Module({ imports: imports() })
    class App {}
    const app = await Test.createTestingModule({ imports: [App] }).compile();
    await app.init();
    await app.close();
  } catch (error) {
    if (error instanceof PyWorkflowConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('PyWorkflowModule', () => {
  it('says how to import it, wherever it is imported without options', async () => {
    const fault =
      'PyWorkflowModule is imported without options: import PyWorkflowModule.forRoot() once, in the root module. It is global, so no other module imports it.';
    expect(await faultsOf(() => [PyWorkflowModule])).toEqual([fault]);
    @Module({ imports: [PyWorkflowModule] })
    class OrdersModule {}
    expect(await faultsOf(() => [given(OrdersModule), PyWorkflowModule.forRoot(memory)])).toEqual([fault]);
    expect(await faultsOf(() => [PyWorkflowModule.forRoot(memory), given(OrdersModule)])).toEqual([fault]);
  });

  it.each<[unknown, string]>([
    [null, 'null'],
    ['memory', '"memory"'],
    [[], 'an empty list'],
    [[memory], 'a list of 1'],
    [() => memory, 'a function'],
    [Promise.resolve(memory), 'a promise: use forRootAsync({ useFactory })'],
  ])('says what forRoot takes instead of %p', async (options, shown) => {
    expect(await faultsOf(() => [PyWorkflowModule.forRoot(given(options))])).toEqual([
      `PyWorkflowModule.forRoot() must be an object with options; it is ${shown}.`,
    ]);
  });

  it('checks what shapes the module', async () => {
    const options = given({ ...memory, isGlobal: 'no', webhooks: {}, publicUrl: 'http://localhost' });
    const fault = 'isGlobal must be true or false; it is "no".';
    expect(await faultsOf(() => [PyWorkflowModule.forRoot(options)])).toEqual([`PyWorkflowModule.forRoot(): ${fault}`]);
    const factory = given({ useFactory: () => memory, isGlobal: 'no' });
    expect(await faultsOf(() => [PyWorkflowModule.forRootAsync(factory)])).toEqual([
      `PyWorkflowModule.forRootAsync(): ${fault}`,
    ]);
  });

  const way =
    'PyWorkflowModule.forRootAsync() takes where its options come from: { inject, useFactory }, { useClass } or { useExisting }';
  it.each<[unknown, string]>([
    [undefined, 'PyWorkflowModule.forRootAsync() must be an object with options; it is undefined.'],
    [null, 'PyWorkflowModule.forRootAsync() must be an object with options; it is null.'],
    [() => memory, 'PyWorkflowModule.forRootAsync() must be an object with options; it is a function.'],
    [{}, `${way}; none of them is given.`],
    [{ useFactory: memory }, 'PyWorkflowModule.forRootAsync(): useFactory must be a function; it is an object.'],
    [{ useClass: undefined }, `${way}; none of them is given.`],
    [{ useClass: {} }, 'PyWorkflowModule.forRootAsync(): useClass must be a class; it is an object.'],
    [
      { inject: 'CONFIG', useFactory: () => memory },
      'PyWorkflowModule.forRootAsync(): inject must be a list; it is "CONFIG".',
    ],
    [
      { useFactory: () => memory, usefactory: 1 },
      'PyWorkflowModule.forRootAsync(): there is no option "usefactory". Did you mean "useFactory"?',
    ],
  ])('says what forRootAsync takes instead of %p', async (options, fault) => {
    expect(await faultsOf(() => [PyWorkflowModule.forRootAsync(given(options))])).toEqual([fault]);
  });

  it('says what a factory is to give', async () => {
    expect(await faultsOf(() => [PyWorkflowModule.forRootAsync({ useFactory: () => given(undefined) })])).toEqual([
      'PyWorkflowModule.forRoot() must be an object with options; it is undefined.',
    ]);
  });

  it('takes the options of an instance of a class', async () => {
    class Config {
      storage = memory.storage;
      logger = false as const;
    }
    expect(await faultsOf(() => [PyWorkflowModule.forRoot(new Config())])).toEqual([]);
  });

  it('can be imported once only', async () => {
    const twice = () => [PyWorkflowModule.forRoot(memory), PyWorkflowModule.forRootAsync({ useFactory: () => memory })];
    expect(await faultsOf(twice)).toEqual([
      'PyWorkflowModule.forRoot() is imported 2 times, each with its own options: import it once, it is global.',
    ]);
  });
});

describe('PyWorkflowModule.forFeature', () => {
  const takes = 'PyWorkflowModule.forFeature() takes a list of workflows and steps, as the providers of a module';
  it.each<[unknown, string]>([
    [undefined, `${takes}; it is undefined.`],
    [null, `${takes}; it is null.`],
    [class Order {}, `${takes}; it is the function Order.`],
    [{}, `${takes}; it is an object.`],
    [[undefined], `${takes}; number 1 of them is undefined: two files import each other, or a name is misspelt.`],
    [[Test, null], `${takes}; number 2 of them is null: two files import each other, or a name is misspelt.`],
  ])('says what it takes instead of %p', async (providers, fault) => {
    expect(
      await faultsOf(() => [PyWorkflowModule.forFeature(given(providers)), PyWorkflowModule.forRoot(memory)]),
    ).toEqual([fault]);
  });

  it('provides and exports what it is given', async () => {
    @Injectable()
    class Greeter {
      readonly word = 'hello';
    }
    @Workflow({ name: 'greet' })
    class Greeting {
      constructor(private readonly greeter: Greeter) {}
      async run(): Promise<string> {
        return this.greeter.word;
      }
    }
    @Injectable()
    class Front {
      constructor(
        readonly client: WorkflowClient,
        readonly greeter: Greeter,
      ) {}
    }
    const module = await boot({ imports: [PyWorkflowModule.forFeature([Greeting, Greeter])], providers: [Front] });
    const front = module.get(Front);
    expect(await (await front.client.start(Greeting, [])).result()).toBe('hello');
    expect(front.greeter.word).toBe('hello');
  });
});
