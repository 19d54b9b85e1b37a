import type {
  Claim,
  ClaimedRun,
  Commit,
  CommitResult,
  HookDelivery,
  HookDeliveryResult,
  Release,
} from '../../core/index.js';
import { DelegatingStore } from './delegating-store.js';
import type { HostProcess } from './surroundings.js';

/** The store as one process changes it: the ledger is told what took effect, whether the process hears of it or not. */
export class RecordingStore extends DelegatingStore {
  constructor(private readonly process: HostProcess) {
    super(process.world.store);
  }

  override async commit(commit: Commit): Promise<CommitResult> {
    const result = await this.inner.commit(commit);
    await this.process.world.ledger.onCommit(this.process.owner, commit, result);
    return result;
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    const result = await this.inner.deliverHook(delivery);
    this.process.world.ledger.onDelivery(delivery, result);
    return result;
  }

  override async claim(claim: Claim): Promise<ClaimedRun | undefined> {
    const claimed = await this.inner.claim(claim);
    if (claimed) this.process.world.ledger.onClaim(this.process.owner, claimed.run);
    return claimed;
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    const held = await this.inner.release(releases);
    await this.process.world.ledger.onReleases(releases, held);
    return held;
  }
}
