/** The kinds of object that are written as a tag with a payload. Part of the stored format: never rename one. */
export type Tag = 'Buffer' | 'Class' | 'Error';

/** Stands in a snapshot for an object that devalue does not know. */
export class Tagged {
  // Filled after the tag is made, so that a cycle finds the tag. Keys are written in the order
  // they are added, and a reader takes the last one for "complete".
  readonly payload: Record<string, unknown> = {};

  constructor(readonly tag: Tag) {}
}
