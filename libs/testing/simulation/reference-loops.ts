import type { ReferenceInbox } from './reference-inbox.js';

/** The loops with checkpoints that a program is in, as the reference has them: the outer ones first. */
export class ReferenceLoops {
  private loops: { readonly name: string; readonly inboxes: ReadonlySet<ReferenceInbox> }[] = [];

  /**
   * @param open the inboxes that are open
   * @returns whether the next round of a loop may begin
   */
  reach(name: string, open: readonly ReferenceInbox[]): boolean {
    if (open.some(({ isRead }) => isRead)) return false;
    const depth = this.loops.findIndex((loop) => loop.name === name);
    if (depth < 0) {
      this.loops.push({ name, inboxes: new Set(open) });
      return true;
    }
    const { inboxes } = this.loops[depth]!;
    if (open.some((inbox) => !inboxes.has(inbox))) return false;
    this.loops = this.loops.slice(0, depth + 1);
    return true;
  }
}
