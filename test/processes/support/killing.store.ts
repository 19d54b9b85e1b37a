import type { Commit, CommitResult, HookDelivery, HookDeliveryResult } from '../../../libs/core/index.js';
import { TypeOrmStore, type TypeOrmStoreOptions } from '../../../libs/typeorm/index.js';
import { killSelf } from './kill-self.js';

/** Kills its own process right before or right after a write: `before 3`, `after 1`, or never. */
export class KillingStore extends TypeOrmStore {
  writes = 0;
  private readonly side: string | undefined;
  private readonly write: number;

  constructor(options: TypeOrmStoreOptions, when = process.env['KILL'] ?? '') {
    super(options);
    const [side, write] = when.split(' ');
    this.side = side;
    this.write = Number(write);
  }

  override commit(commit: Commit): Promise<CommitResult> {
    return this.around(() => super.commit(commit));
  }

  override deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.around(() => super.deliverHook(delivery));
  }

  private async around<Result>(write: () => Promise<Result>): Promise<Result> {
    const isFatal = ++this.writes === this.write;
    if (isFatal && this.side === 'before') killSelf();
    const result = await write();
    if (isFatal && this.side === 'after') killSelf();
    return result;
  }
}
