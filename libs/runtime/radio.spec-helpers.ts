import type { Notice } from '../core/index.js';
import { InProcessNotifier } from '../memory/index.js';

/** Between processes on one store: while it is down, what is published is lost. */
export class Radio extends InProcessNotifier {
  isDown = false;
  private readonly missing = new Set<() => void>();

  override publish(notice: Notice): void {
    if (!this.isDown) super.publish(notice);
  }

  override onMissed(listener: () => void): () => void {
    this.missing.add(listener);
    return () => void this.missing.delete(listener);
  }

  comeBack(): void {
    this.isDown = false;
    for (const listener of this.missing) listener();
  }
}
