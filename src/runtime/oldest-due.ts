import type { WorkflowEngine } from '../../libs/runtime/index.js';

/** How long ago the run was due that has waited longest for a process to take it up; 0 if none waits. */
export async function oldestDueMs({ ports: { store, clock } }: WorkflowEngine): Promise<number> {
  const now = clock.now();
  const [oldest] = await store.due(now, 1);
  return oldest ? Math.max(0, now - oldest.at) : 0;
}
