/** What `client.start` takes besides the arguments. */
export interface StartOptions {
  /**
   * The id of the run. Starting it again with the same input gives the run that exists, with another input is an error.
   * @default a new one
   */
  readonly runId?: string;
  /**
   * What the run is about, such as an order's number: starts with one key and the same input give one run, however many
   * come at once; another input is an error.
   * @default none
   */
  readonly idempotencyKey?: string;
  /** Up to 10 tags to find the run by, besides those of the workflow. @default none */
  readonly tags?: readonly string[];
  /** Which version of the workflow. @default that of the class or method; the highest for a name */
  readonly version?: number;
}
