/**
 * Waits for all of them, also if one fails: the process must not think that it has nothing under way.
 *
 * Rejects with the first failure, once all have ended.
 */
export async function allEnded(tasks: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(tasks);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
}
