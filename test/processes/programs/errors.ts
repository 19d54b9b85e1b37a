/** Catches what its steps throw, writes down what it sees, and dies once; the next process sees it again on replay. */
import { Injectable } from '@nestjs/common';
import {
  FatalError,
  getCurrentContext,
  HookExpiredError,
  Serializable,
  createHook,
  Step,
  type StepContext,
  Workflow,
  WorkflowError,
} from '../../../src/index.js';
import { killSelf } from '../support/kill-self.js';
import { ledger, startApp } from '../support/nest-app.js';

@Serializable('BankError')
class BankError extends Error {
  constructor(
    message: string,
    readonly bank: string,
  ) {
    super(message);
    this.name = 'BankError';
  }
}

@Serializable('CardDeclinedError')
class CardDeclinedError extends FatalError {
  constructor(
    readonly card: string,
    readonly amount: bigint,
    readonly at: Date,
    cause: Error,
  ) {
    super(`Card ${card} was declined.`, { cause });
  }
}

class UnregisteredError extends RangeError {
  override readonly name = 'UnregisteredError';
  readonly limit = 7;
}

@Injectable()
class Steps {
  @Step()
  async decline(): Promise<void> {
    const cause = new BankError('no funds', 'Bank of Bern');
    throw new CardDeclinedError('4000 0000 0000 0002', 1_000n, new Date(86_400_000), cause);
  }

  @Step({ maxRetries: 0 })
  async typeError(): Promise<void> {
    throw new TypeError('not a function', { cause: { code: 42, list: [1, new Map([['a', 1]])] } });
  }

  @Step({ maxRetries: 0 })
  async unregistered(): Promise<void> {
    throw new UnregisteredError('too far');
  }

  @Step({ maxRetries: 0 })
  async text(): Promise<void> {
    throw 'only a text'; // oxlint-disable-line no-throw-literal
  }

  @Step({ maxRetries: 0, timeout: '20ms' })
  async late(): Promise<void> {
    const { signal } = getCurrentContext() as StepContext;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  }

  @Step()
  async dieOnce(): Promise<void> {
    if (process.env['DIE']) killSelf();
  }
}

@Workflow({ name: 'errors' })
class ErrorsWorkflow {
  constructor(private readonly steps: Steps) {}

  async run(): Promise<string> {
    const { steps } = this;
    await this.look('decline', () => steps.decline());
    await this.look('typeError', () => steps.typeError());
    await this.look('unregistered', () => steps.unregistered());
    await this.look('text', () => steps.text());
    await this.look('late', () => steps.late());
    await this.look('hook', async () => createHook({ timeout: '20ms' }));
    await steps.dieOnce();
    return 'done';
  }

  /** Plain code, so each replay writes it again. */
  private async look(step: string, call: () => Promise<unknown>): Promise<void> {
    const error = await call().then(
      () => 'nothing',
      (reason: unknown) => reason,
    );
    ledger.write({ event: 'seen', step, key: JSON.stringify(describe(error)) });
  }
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error };
  const fields = Object.entries(error).map(([name, value]) => [name, typeof value, String(value)]);
  return {
    class: error.constructor.name,
    prototypes: [
      BankError,
      CardDeclinedError,
      UnregisteredError,
      RangeError,
      TypeError,
      FatalError,
      WorkflowError,
      HookExpiredError,
    ]
      .filter((type) => error instanceof type)
      .map(({ name }) => name),
    name: error.name,
    message: error.message,
    code: (error as { code?: string }).code,
    fields,
    stack: error.stack?.split('\n').slice(0, 2),
    ...('cause' in error && { cause: error.cause instanceof Error ? describe(error.cause) : inspectable(error.cause) }),
  };
}

function inspectable(value: unknown): unknown {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Map ? ['Map', ...each] : each));
}

const { app, client } = await startApp([Steps, ErrorsWorkflow]);
const run = await client.start(ErrorsWorkflow, [], { runId: 'errors' });
console.log('result', await run.result({ timeout: '10s' }));
await app.close();
