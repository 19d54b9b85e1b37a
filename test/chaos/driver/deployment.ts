import { endPrograms } from '../../processes/support/program.js';
import { Member, type MemberRole } from './member.js';

export const DEPLOYMENTS = ['postgres', 'cluster'] as const;
/** `postgres`: several equal processes that share a database. `cluster`: orchestrators and step workers, with Redis. */
export type DeploymentKind = (typeof DEPLOYMENTS)[number];

export type Environment = Readonly<Record<string, string>>;

/** The processes that run workflows in one scenario. */
export class Deployment {
  /** All that ever were, also those that are gone. */
  readonly members: Member[] = [];

  constructor(
    readonly kind: DeploymentKind,
    private readonly env: Environment,
  ) {}

  /** The roles of its processes, so that each is there more than once. */
  get roles(): readonly MemberRole[] {
    return this.kind === 'postgres'
      ? ['all', 'all', 'all']
      : ['orchestrator', 'orchestrator', 'step-worker', 'step-worker'];
  }

  get alive(): readonly Member[] {
    return this.members.filter(({ isAlive }) => isAlive);
  }

  /** What those have written that have ended by themselves. */
  get collapses(): readonly string[] {
    return this.members.flatMap(({ collapse }) => collapse ?? []);
  }

  start(role: MemberRole, env: Environment = {}): Member {
    const member = Member.start(role, { ...this.env, ...env });
    this.members.push(member);
    return member;
  }

  /** Starts one process for each role, and waits until they have taken up work. */
  async startAll(env: Environment = {}, roles = this.roles): Promise<readonly Member[]> {
    const members = roles.map((role) => this.start(role, env));
    await Promise.all(members.map(({ isUp }) => isUp));
    return members;
  }

  /** Ends the processes in good order. @returns what they had to complain of */
  async stopAll(): Promise<readonly string[]> {
    await Promise.allSettled(this.alive.map(({ isUp }) => isUp));
    const faults = await Promise.all(this.alive.map((member) => member.stop()));
    return faults.filter((fault) => fault !== undefined);
  }

  /** Ends what is left, at once. */
  async endAll(): Promise<void> {
    await endPrograms();
  }

  wasFrozenAt(pid: number, at: number): boolean {
    const member = this.members.find((each) => each.pid === pid);
    // What it was about to do when it froze it does as soon as it is awake.
    return member?.freezes.some(({ from, to }) => at >= from && at <= to + 1_000) ?? false;
  }
}
