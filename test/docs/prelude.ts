/** Names that examples use without importing them, by the package that has them. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  'nestjs-pyworkflow': [
    ...[
      'cancellationScope',
      'checkCancellation',
      'checkpoint',
      'createCodec',
      'createHook',
      'createWebhook',
      'defineHook',
    ],
    ...['getCurrentContext', 'getStepContext', 'githubSignature', 'hmacSignature', 'hook', 'now', 'parallel', 'race'],
    ...[
      'random',
      'randomUUID',
      'registerDecimal',
      'registerSerializable',
      'setStepContext',
      'shield',
      'sideEffect',
      'sleep',
    ],
    ...['sleepUntil', 'stripeSignature', 'timeout', 'PyWorkflowModule', 'Serializable'],
    ...['+EventReplayer', '+FatalError', '+HookExpiredError', '+InvalidInputError', '+NonDeterminismError'],
    ...['+RetryableError', '+RunFailedError', '+SerializationError', '+Step', '+ValidationFailedError', '+Workflow'],
    ...[
      '+WorkflowCancelledError',
      '+WorkflowClient',
      '+WorkflowError',
      '+WorkflowQueue',
      '+WorkflowStore',
      '+WorkflowTimeoutError',
    ],
    '-StepContext',
  ],
  'nestjs-pyworkflow/typeorm': ['+TypeOrmStore', '+WorkflowRunEntity'],
  '@nestjs/common': ['Inject', 'Injectable', 'Module', 'Controller', 'Get', '+Logger'],
  '@nestjs/core': ['NestFactory'],
  '@nestjs/platform-express': ['-NestExpressApplication'],
  typeorm: ['+DataSource'],
  'class-validator': ['IsBoolean', 'IsEmail', 'IsInt', 'IsString', 'Min'],
};

/** What the examples' own application has. */
const APPLICATION = `
  class Order { id: string; amount: number }
  interface Charge { id: string }
  const client: WorkflowClient;
  const token: string;
  const order: Order;
  class BankService { charge(order: Order, key: string): Promise<Charge> }
  class PaymentSteps { charge(order: Order): Promise<Charge>; refund(charge: Charge): Promise<void> }
  class MailSteps { send(to: string): Promise<void>; askForApproval(order: Order, token: string): Promise<void> }
  class OrderWorkflow { run(order: Order): Promise<string> }
  class ApprovalWorkflow { run(order: Order): Promise<string> }
  class RemindersService { remind(email: string): Promise<void> }
  class AppModule {}
  class ApiKeyGuard { canActivate(): boolean }
  class OrdersModule {}
  class SettingsModule {}
  class SettingsService { get(name: string): string }
  abstract class MyStoreBase extends WorkflowStore {}
  const MyStore: new () => MyStoreBase;
  abstract class MyQueueBase extends WorkflowQueue {}
  const MyQueue: new () => MyQueueBase;
`;

/**
 * What examples take for granted, as globals: what an example imports or declares itself takes precedence.
 *
 * `+` marks a class, which is a type as well, and `-` a type alone.
 */
export function prelude(): string {
  const declarations = Object.entries(IMPLIED).flatMap(([name, exports]) =>
    exports.flatMap((exported) => declarationsOf(`import('${name}')`, exported)),
  );
  return `export {};\ndeclare global {\n${declarations.join('\n')}\n${APPLICATION}}\n`;
}

function declarationsOf(module: string, exported: string): readonly string[] {
  const name = exported.replace(/^[+-]/, '');
  const value = `const ${name}: typeof ${module}.${name};`;
  const type = `type ${name} = ${module}.${name};`;
  if (exported.startsWith('+')) return [value, type];
  return [exported.startsWith('-') ? type : value];
}
