/** Does some things, few at a time, and gives what came of each in their order. */
export async function fewAtATime<T, R>(few: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const todo = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of todo) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: few }, lane));
  return results;
}
