import { InvalidInputError } from '../core/index.js';

/** What `FileStore` takes. */
export interface FileStoreOptions {
  /** The directory of the store; it is created. */
  readonly path: string;
  /**
   * What a commit waits for. `FULL`: it is on the disk, so that it outlives a power failure. `NORMAL`: it outlives this
   * process however that ends, but a power failure may lose the last commits; faster.
   *
   * @default 'FULL'
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

/** @throws InvalidInputError if the options cannot be used. */
export function checkOptions({ path, synchronous = 'FULL' }: FileStoreOptions): void {
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0')) {
    throw new InvalidInputError('The path of the workflow store is empty or unusable. Pass the path of a directory.');
  }
  if (synchronous !== 'FULL' && synchronous !== 'NORMAL') {
    throw new InvalidInputError(`"synchronous" is "${String(synchronous)}". Use "FULL" or "NORMAL".`);
  }
}
