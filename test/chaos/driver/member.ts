import { Program } from '../../processes/support/program.js';

export type MemberRole = 'all' | 'orchestrator' | 'step-worker';

const PROGRAMS: Readonly<Record<MemberRole, string>> = {
  all: 'test/chaos/app/main.ts',
  orchestrator: 'apps/orchestrator/src/main.ts',
  'step-worker': 'apps/step-worker/src/main.ts',
};

/** A machine on which the tests run may be slow. */
const BOOT_TIMEOUT_MS = 60_000;

/** A process of a deployment. */
export class Member {
  /** When it took up work. */
  upAt = Infinity;
  /** The times for which it was frozen. */
  readonly freezes: { from: number; to: number }[] = [];
  readonly isUp: Promise<void>;
  private name: string | undefined;
  private isGone = false;
  /** Somebody has ended it, or expects its end. */
  private isMeantToEnd = false;

  private constructor(
    readonly role: MemberRole,
    readonly program: Program,
  ) {
    this.isUp = this.boot();
    this.isUp.catch(() => {});
    void program.exited.then(() => (this.isGone = true));
  }

  static start(role: MemberRole, env: Readonly<Record<string, string>>): Member {
    return new Member(role, Program.start(PROGRAMS[role], env));
  }

  get pid(): number {
    return this.program.pid;
  }

  /** What it calls itself in the store; undefined until it is up. */
  get owner(): string | undefined {
    return this.name;
  }

  get isAlive(): boolean {
    return !this.isGone;
  }

  /** It may end by itself from now on. */
  mayEnd(): void {
    this.isMeantToEnd = true;
  }

  /** What it has written, if it has ended without being told to. */
  get collapse(): string | undefined {
    return this.isGone && !this.isMeantToEnd ? this.program.describe('has ended by itself') : undefined;
  }

  async kill(): Promise<void> {
    this.mayEnd();
    await this.program.kill('SIGKILL');
  }

  /** Ends it in good order. @returns its complaint if it does not */
  async stop(): Promise<string | undefined> {
    this.mayEnd();
    process.kill(this.pid, 'SIGTERM');
    const exit = await this.program.end(30_000);
    const isFine = exit.signal === 'SIGTERM' || exit.code === 0;
    return isFine ? undefined : this.program.describe(`did not stop in good order (${JSON.stringify(exit)})`);
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
    this.freezes.push({ from: Date.now(), to: Infinity });
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
    this.freezes.at(-1)!.to = Date.now();
  }

  private async boot(): Promise<void> {
    const deadline = Date.now() + BOOT_TIMEOUT_MS;
    for (;;) {
      const found = this.program.output.map((line) => /\b(?:process|orchestrator|step-worker) (\S+) is up/.exec(line));
      this.name = found.find((match) => match !== null)?.[1];
      if (this.name !== undefined) break;
      if (this.isGone || Date.now() > deadline) throw new Error(this.program.describe('did not come up'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.upAt = Date.now();
  }
}
