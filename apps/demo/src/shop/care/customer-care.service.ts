import { Injectable } from '@nestjs/common';
import { createHook, race, sleep, Workflow } from 'nestjs-pyworkflow';
import { MailSteps } from '../partners/mail.steps.js';

export interface Review {
  readonly stars: number;
}

const REMINDERS = 3;
const BETWEEN_REMINDERS = '1s'; // In a real shop: '7d'.

/** A provider like any other; a workflow can be one method of it. */
@Injectable()
export class CustomerCare {
  constructor(private readonly mail: MailSteps) {}

  /** Asks for a review until it comes, a few times at most. */
  @Workflow({ name: 'ask-for-review', tags: ['care'] })
  async askForReview(orderId: string, email: string): Promise<Review | 'no answer'> {
    const review = createHook<Review>({ name: 'review' });
    for (let reminder = 0; reminder < REMINDERS; reminder++) {
      await this.mail.askForReview(orderId, email, review.token);
      const answer = await race([review, sleep(BETWEEN_REMINDERS)]);
      if (answer) return answer;
    }
    review.close();
    return 'no answer';
  }
}
