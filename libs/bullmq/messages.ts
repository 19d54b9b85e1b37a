import type { StepTask } from '../core/index.js';

/** A larger payload stays in the store, where the worker reads it: Redis is to carry hints, not data. */
const LARGEST_PAYLOAD = 4_096;

export interface Wakes {
  readonly runIds: readonly string[];
}

/** Step calls that travel together; one that travels alone is the message itself. */
export interface Tasks {
  readonly tasks: readonly StepTask[];
}

/** A task as it travels. */
export function toData(task: StepTask): StepTask {
  if (task.payload === undefined || task.payload.length <= LARGEST_PAYLOAD) return task;
  const { payload: _, ...light } = task;
  return light;
}

/** @returns undefined for what is no wake */
export function readWakes(data: unknown): Wakes | undefined {
  return isRecord(data) && isListOf(data['runIds'], isText) ? { runIds: data['runIds'] } : undefined;
}

/** @returns undefined for what is neither a task nor tasks */
export function readTasks(data: unknown): readonly StepTask[] | undefined {
  if (isTask(data)) return [data];
  return isRecord(data) && isListOf(data['tasks'], isTask) && data['tasks'].length > 0 ? data['tasks'] : undefined;
}

function isTask(data: unknown): data is StepTask {
  if (!isRecord(data)) return false;
  const { payload, tags } = data;
  return (
    TEXTS.every((field) => isText(data[field])) &&
    NUMBERS.every((field) => Number.isSafeInteger(data[field])) &&
    (payload === undefined || isText(payload)) &&
    isListOf(tags, isText)
  );
}

const TEXTS = ['runId', 'id', 'step', 'workflow', 'owner'] satisfies (keyof StepTask)[];
const NUMBERS = ['attempt', 'failures', 'lost', 'sequence', 'fence'] satisfies (keyof StepTask)[];

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
