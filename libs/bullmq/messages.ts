import type { StepTask } from '../core/index.js';

/** A larger payload stays in the store, where the worker reads it: Redis is to carry hints, not data. */
const LARGEST_PAYLOAD = 4_096;

export interface Wakes {
  readonly runIds: readonly string[];
}

/** A task as it travels. */
export function toData(task: StepTask): StepTask {
  if (task.payload === undefined || task.payload.length <= LARGEST_PAYLOAD) return task;
  const { payload: _, ...light } = task;
  return light;
}

/** @returns undefined for what is no wake */
export function readWakes(data: unknown): Wakes | undefined {
  return isRecord(data) && isListOfTexts(data['runIds']) ? { runIds: data['runIds'] } : undefined;
}

/** @returns undefined for what is no task */
export function readTask(data: unknown): StepTask | undefined {
  if (!isRecord(data)) return undefined;
  const { payload, tags } = data;
  const isTask =
    TEXTS.every((field) => typeof data[field] === 'string') &&
    NUMBERS.every((field) => Number.isSafeInteger(data[field])) &&
    (payload === undefined || typeof payload === 'string') &&
    isListOfTexts(tags);
  return isTask ? (data as unknown as StepTask) : undefined;
}

const TEXTS = ['runId', 'id', 'step', 'workflow', 'owner'] satisfies (keyof StepTask)[];
const NUMBERS = ['attempt', 'failures', 'lost', 'sequence', 'fence'] satisfies (keyof StepTask)[];

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
