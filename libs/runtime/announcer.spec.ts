import { jest } from '@jest/globals';
import { Code, World } from './runtime.spec-helpers.js';

it("sets the clock by the store's time half of the way back, which may be wrong by as much", async () => {
  const world = new World();
  const follow = jest.spyOn(world.clock, 'follow');
  const elapsed = jest.spyOn(performance, 'now');
  elapsed.mockReturnValueOnce(1_000);
  jest.spyOn(world.store, 'announce').mockImplementationOnce(async () => {
    elapsed.mockReturnValueOnce(1_600);
    return 5_000_000;
  });
  await world.boot(new Code());
  elapsed.mockRestore();
  expect(follow.mock.calls).toEqual([[5_000_300, 300]]);
});
