import { MemoryStore } from '../memory/index.js';

/** A store of which single operations can be held up or made to fail. */
export class TroubledStore extends MemoryStore {
  /** Called before an operation takes effect. */
  before: (operation: 'commit' | 'release' | 'inbox', argument: unknown) => unknown = () => undefined;
  /** Called between an operation's effect and its acknowledgement. */
  after: (operation: 'commit') => unknown = () => undefined;
  readonly calls: string[] = [];

  constructor() {
    super({ exclusive: false });
  }

  override async commit(commit: Parameters<MemoryStore['commit']>[0]) {
    this.calls.push('commit');
    await this.before('commit', commit);
    const result = await super.commit(commit);
    await this.after('commit');
    return result;
  }

  override async release(releases: Parameters<MemoryStore['release']>[0]) {
    this.calls.push('release');
    await this.before('release', releases);
    return super.release(releases);
  }

  override async inbox(runId: string) {
    this.calls.push('inbox');
    await this.before('inbox', runId);
    return super.inbox(runId);
  }
}
