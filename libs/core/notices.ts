import type { Notice } from './ports/notifier.js';

/** Who listens for something in this process. One that throws disturbs nobody. */
export class Listeners<News> {
  private readonly listeners = new Set<{ readonly tell: (news: News) => void }>();

  constructor(private readonly onError: (error: unknown) => void) {}

  /** @returns a function that ends the subscription. */
  add(listener: (news: News) => void): () => void {
    // Wrapped, so that a function that subscribes twice has two subscriptions to end.
    const subscription = { tell: listener };
    this.listeners.add(subscription);
    return () => void this.listeners.delete(subscription);
  }

  tell(news: News): void {
    for (const subscription of [...this.listeners]) {
      // One that was told before may have ended it.
      if (!this.listeners.has(subscription)) continue;
      try {
        subscription.tell(news);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}

/** What one process tells the others in one message. */
export interface NoticeMessage {
  /** The notifier that sent it. */
  readonly from: string;
  readonly notices: readonly Notice[];
}

/** Nothing of ours is longer. Whoever may write to the channel should not keep us busy. */
const LONGEST_MESSAGE = 1_000_000;

/** A notice as text, in ASCII: each character is one byte, whatever the encoding of the channel. */
export function encodeNotice(notice: Notice): string {
  return JSON.stringify(notice).replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As few messages as hold these notices, in order, none of them longer than that. A notice that is longer by itself is left out. */
export function packNotices(from: string, notices: Iterable<string>, longest: number): string[] {
  const [head, tail] = [`{"from":${JSON.stringify(from)},"notices":[`, ']}'];
  const messages: string[] = [];
  let body = '';
  for (const notice of notices) {
    if (head.length + notice.length + tail.length > longest) continue;
    if (body !== '' && head.length + body.length + 1 + notice.length + tail.length > longest) {
      messages.push(head + body + tail);
      body = '';
    }
    body += body === '' ? notice : `,${notice}`;
  }
  if (body !== '') messages.push(head + body + tail);
  return messages;
}

/** @returns undefined for what no notifier has sent. Notices of a kind that is not known here are left out. */
export function readNotices(text: string): NoticeMessage | undefined {
  if (text.length > LONGEST_MESSAGE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['from'] !== 'string' || !Array.isArray(value['notices'])) return undefined;
  return { from: value['from'], notices: value['notices'].flatMap((notice: unknown) => readNotice(notice) ?? []) };
}

/** @returns undefined for what is no notice. */
export function readNotice(value: unknown): Notice | undefined {
  if (!isRecord(value) || typeof value['runId'] !== 'string') return undefined;
  const { type, runId, owner, stepId } = value;
  switch (type) {
    case 'run.ended':
      return { type, runId };
    case 'run.wake':
      return typeof owner === 'string' ? { type, runId, owner } : { type, runId };
    case 'step.aborted':
      return typeof stepId === 'string' ? { type, runId, stepId } : undefined;
    default:
      return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
