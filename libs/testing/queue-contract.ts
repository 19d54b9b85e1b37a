/// <reference types="jest" />
import { describeQueueFailures, describeQueueDraining } from './queue-contract-ends.js';
import type { QueueFixture } from './queue-contract-makers.js';
import { describeQueueNames } from './queue-contract-names.js';
import { describeQuickSteps } from './queue-contract-quick-steps.js';
import { describeSteps } from './queue-contract-steps.js';
import { describeWakes } from './queue-contract-wakes.js';

/**
 * The tests that every queue passes. Call it in a Jest spec of yours with a function that gives each test its queues.
 */
export function describeQueueContract(name: string, setup: () => Promise<QueueFixture>): void {
  describe(`${name} as a queue`, () => {
    let fixture: QueueFixture | undefined;
    const current = (): QueueFixture => {
      if (!fixture) throw new Error('There is no queue outside of a test.');
      return fixture;
    };

    beforeEach(async () => {
      fixture = await setup();
    });
    afterEach(async () => {
      await fixture?.cleanup();
      fixture = undefined;
    });

    describe('wakes', () => describeWakes(current));
    describe('step calls', () => describeSteps(current));
    describe('quick step calls', () => describeQuickSteps(current));
    describe('names', () => describeQueueNames(current));
    describe('handlers that throw', () => describeQueueFailures(current));
    describe('draining and closing', () => describeQueueDraining(current));
  });
}
