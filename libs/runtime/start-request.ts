import { randomText } from './random-bytes.js';

export interface StartRequest {
  readonly workflow: string;
  /** @default the highest that is registered */
  readonly version?: number;
  readonly args: readonly unknown[];
  readonly runId?: string;
  readonly idempotencyKey?: string;
  readonly tags?: readonly string[];
}

export interface StartedRun {
  readonly runId: string;
  /** False if the run id or the idempotency key had been used before, with the same input. */
  readonly isNew: boolean;
}

/** Ordered by time, so that new runs are neighbours in an index. */
export function newRunId(): string {
  return `run_${Date.now().toString(36).padStart(9, '0')}${randomText(10, 'hex')}`;
}

/** What to tell who asks for a workflow that is not there. */
export function unknownWorkflow(request: StartRequest, known: readonly { name: string; version: number }[]): string {
  const version = request.version === undefined ? '' : ` in version ${request.version}`;
  const names = known.map(({ name, version: v }) => `${name} (version ${v})`).join(', ') || 'none';
  return `No workflow "${request.workflow}"${version} is registered. Add its class to the providers of a module. Registered: ${names}.`;
}
