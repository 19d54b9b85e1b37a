import { Injectable } from '@nestjs/common';
import { RetryableError, Step, Workflow, WorkflowError } from 'nestjs-pyworkflow';

@Injectable()
export class Steps {
  @Step({ maxRetries: 0 }) async echo(value: unknown): Promise<unknown> {
    return value;
  }
  @Step({ maxRetries: 0 }) async unstorable(): Promise<unknown> {
    return { when: { nested: () => 'a function' } };
  }
  @Step({ maxRetries: 0 }) async hostileError(): Promise<unknown> {
    throw Object.assign(new Error('x'.repeat(3_000_000)), { self: globalThis, fn: () => 1 });
  }
  @Step({ maxRetries: 1 }) async badRetryAfter(): Promise<unknown> {
    throw new RetryableError('again', { retryAfter: 'soon' });
  }
  @Step({
    maxRetries: 3,
    retryIf: () => {
      throw new Error('the policy is broken');
    },
  })
  async badPolicy(): Promise<unknown> {
    throw new Error('first');
  }
}

/** What the next runs do. */
export const order: { body: (steps: Steps) => unknown } = { body: async () => 'done' };

@Workflow({ name: 'order' })
export class AnyWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(..._args: unknown[]): Promise<unknown> {
    return order.body(this.steps);
  }
}

export const hostileJson = (text: string): never => JSON.parse(text) as never;
export const throwing = (field: string): object =>
  Object.defineProperty({}, field, {
    enumerable: true,
    get: () => {
      throw new Error('a trap');
    },
  });
export const tooLarge = 'x'.repeat(20_000);
export type Bad = readonly [what: string, call: () => unknown, message: RegExp];

/** Whatever is handed in comes back as one of our errors, with a code and words that say what is wrong. */
export async function refuses([, call, message]: Bad): Promise<void> {
  const error: unknown = await new Promise((resolve) => resolve(call())).then(
    () => 'it was taken',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkflowError);
  expect((error as WorkflowError).code).toMatch(/^[A-Z_]+$/);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message.length).toBeLessThan(2_000);
}

export const any = (value: unknown): never => value as never;
