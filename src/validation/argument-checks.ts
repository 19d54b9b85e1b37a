/** Checks arguments against the classes that they are declared with. */
export interface ArgumentChecks {
  /** Also runs asynchronous validators. @throws ValidationFailedError */
  check(args: readonly unknown[]): Promise<void>;
  /** Leaves asynchronous validators out. @throws ValidationFailedError */
  checkSync(args: readonly unknown[]): void;
  /** The arguments, with instances of their classes in place of the plain data that was stored. */
  revive(args: readonly unknown[]): unknown[];
}
