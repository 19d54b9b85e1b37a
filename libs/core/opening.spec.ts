import { Opening } from './opening.js';
import { StoreClosedError } from './store-errors.js';

/** Backends that are numbers, and what was done with them. */
function given({ failures = 0 } = {}): { opening: Opening<number>; log: string[] } {
  const log: string[] = [];
  let begun = 0;
  const opening = new Opening(
    async () => {
      const backend = begun++;
      log.push(`begin ${backend}`);
      if (backend < failures) throw new Error(`no ${backend}`);
      return backend;
    },
    async (backend) => {
      log.push(`end ${backend}`);
    },
  );
  return { opening, log };
}

it('opens once and closes once, however often it is asked to', async () => {
  const { opening, log } = given();
  await Promise.all([opening.open(), opening.open()]);
  await opening.open();
  expect(opening.current).toBe(0);
  await Promise.all([opening.close(), opening.close()]);
  await opening.close();
  expect(log).toEqual(['begin 0', 'end 0']);
});

it('opens another after the one before is closed', async () => {
  const { opening, log } = given();
  await opening.open();
  await Promise.all([opening.close(), opening.close().then(() => opening.open())]);
  expect(opening.current).toBe(1);
  expect(log).toEqual(['begin 0', 'end 0', 'begin 1']);
});

it('can be opened after it has failed, and has nothing to close before', async () => {
  const { opening, log } = given({ failures: 1 });
  await expect(Promise.all([opening.open(), opening.close()])).rejects.toThrow('no 0');
  await opening.close();
  await opening.open();
  expect(opening.current).toBe(1);
  expect(log).toEqual(['begin 0', 'begin 1']);
});

it('gives nothing before it is open and after it is closed', async () => {
  const { opening } = given();
  const work = async (backend: number): Promise<number> => backend + 1;
  expect(() => opening.current).toThrow(StoreClosedError);
  await expect(opening.use(work)).rejects.toThrow(StoreClosedError);
  await opening.open();
  expect(await opening.use(work)).toBe(1);
  await opening.close();
  expect(() => opening.current).toThrow(StoreClosedError);
  await expect(opening.use(work)).rejects.toThrow(StoreClosedError);
});
