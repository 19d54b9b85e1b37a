import { Injectable } from '@nestjs/common';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { boot, stepsOf } from './boot.spec-helpers.js';

describe('the class API', () => {
  it('makes workflows and steps of classes that extend Workflow and Step', async () => {
    @Injectable()
    class ChargeCard extends Step {
      static override readonly options = { maxRetries: 1, backoff: '1s' };
      private attempts = 0;
      async execute(amount: number): Promise<string> {
        this.attempts += 1;
        if (this.attempts === 1) throw new Error('declined');
        return `charged ${amount}`;
      }
    }
    @Injectable()
    class SendMail extends Step {
      static override readonly options = { name: 'mail' };
      async execute(text: string): Promise<string> {
        return `sent ${text}`;
      }
    }
    @Injectable()
    class OrderWorkflow extends Workflow {
      static override readonly options = { name: 'order', tags: ['shop'] };
      private readonly parts: string[] = [];
      constructor(
        private readonly charge: ChargeCard,
        private readonly mail: SendMail,
      ) {
        super();
      }
      async run(amount: number): Promise<string> {
        this.parts.push(await this.charge.execute(amount));
        this.parts.push(await this.mail.execute('receipt'));
        return this.parts.join(', ');
      }
    }
    const module = await boot({ providers: [OrderWorkflow, ChargeCard, SendMail] });
    const run = await module.client.start(OrderWorkflow, [5]);
    expect(await run.result()).toBe('charged 5, sent receipt');
    expect(await stepsOf(module, run.runId)).toEqual(['ChargeCard#1', 'mail#1']);
    expect(await run.describe()).toMatchObject({ workflow: 'order', tags: ['shop'] });
    expect(await module.get(SendMail).execute('x')).toBe('sent x');
  });
});
