import { nameOf } from './command-log.js';
import { type CommandEvent, type HistoryCompacted, type HistoryEvent, hooksClosedAt } from './history-event.js';

type CheckpointSaved = Extract<CommandEvent, { type: 'checkpoint.saved' }>;

/** An event among the rounds of a loop that stays. */
interface Kept {
  readonly sequence: number;
  /** The time of the event before. */
  readonly atBefore: number;
  /** The hook that it is a payload of: it stays until it has been read. */
  readonly payloadOf?: string;
}

/** A checkpoint that a replay can go on from. */
interface Point {
  readonly sequence: number;
  readonly atBefore: number;
  /** What stays of the rounds before it. */
  readonly kept: readonly Kept[];
  /** How many events it supersedes. */
  readonly count: number;
}

interface Loop {
  readonly name: string;
  /** Its first checkpoint. */
  readonly first: string;
  /** Where its rounds begin in the history. */
  readonly from: number;
  /** The hooks of many payloads that it found open. */
  readonly hooks: ReadonlySet<string>;
  kept: Kept[];
  count: number;
  /** How many of these are compacted. */
  compacted: number;
  /** Checkpoints behind the last that all before was compacted up to. */
  points: Point[];
}

/**
 * The rounds of loops that later checkpoints have superseded: a replay comes to the first checkpoint of a loop, and goes
 * on behind its latest.
 *
 * C3. What rounds say about the run as a whole stays: `workflow.*`, `step.exhausted`.
 * C4. Of hooks that were open before the loop, payloads stay until they have been read, and how they have expired.
 * C5. A checkpoint of an outer loop supersedes those in it, so ranges nest. One that a replay must not go on from ends its
 *     loop.
 */
export class SupersededRounds {
  /** The outer ones first. */
  private readonly loops: Loop[] = [];
  /** The hooks of many payloads that are open. */
  private readonly hooks = new Set<string>();
  private at = 0;

  get count(): number {
    return this.loops.reduce((sum, { points, compacted }) => sum + (points.at(-1)?.count ?? compacted) - compacted, 0);
  }

  apply(event: HistoryEvent): void {
    const atBefore = this.at;
    this.at = event.at;
    if (event.type === 'history.compacted') return this.leaveOut(event);
    if (event.type === 'checkpoint.saved') this.reach(event, atBefore);
    for (const loop of this.loops) gather(loop, event, atBefore);
    this.followHooks(event);
  }

  /** The events that take the place of those up to a sequence, one for each gap that they leave. */
  compact(through: number): readonly HistoryCompacted[] {
    return this.loops.flatMap((loop) => {
      const point = lastPoint(loop, through);
      return point ? gaps(loop, point) : [];
    });
  }

  /** They are compacted. */
  forget(through: number): void {
    for (const loop of this.loops) {
      loop.compacted = lastPoint(loop, through)?.count ?? loop.compacted;
      loop.points = loop.points.filter(({ sequence }) => sequence > through);
    }
  }

  private leaveOut({ attributes: { checkpoint, from } }: HistoryCompacted): void {
    if (checkpoint === undefined || this.loops.at(-1)?.first === checkpoint) return;
    this.begin(checkpoint, from);
  }

  private begin(first: string, from: number): void {
    const hooks = new Set(this.hooks);
    this.loops.push({ name: nameOf(first), first, from, hooks, kept: [], count: 0, compacted: 0, points: [] });
  }

  private reach({ id, sequence, attributes }: CheckpointSaved, atBefore: number): void {
    const depth = this.loops.findIndex(({ name }) => name === nameOf(id));
    const loop = this.loops[depth];
    if (loop) this.loops.length = attributes ? depth + 1 : depth;
    if (!attributes) return;
    if (!loop) return this.begin(id, sequence);
    const kept = unread(loop.kept, attributes.hooks);
    loop.count += loop.kept.length - kept.length;
    loop.kept = kept;
    loop.points.push({ sequence, atBefore, kept: [...kept], count: loop.count });
  }

  private followHooks(event: HistoryEvent): void {
    switch (event.type) {
      case 'hook.created':
        if (event.attributes.multiple) this.hooks.add(event.id);
        return;
      case 'hook.expired':
      case 'hook.conflicted':
      case 'hook.closed':
        this.hooks.delete(event.id);
        return;
      case 'checkpoint.saved':
        for (const id of hooksClosedAt(event)) this.hooks.delete(id);
        return;
    }
  }
}

function gather(loop: Loop, event: HistoryEvent, atBefore: number): void {
  const { sequence } = event;
  switch (event.type) {
    case 'hook.received':
      if (loop.hooks.has(event.id)) loop.kept.push({ sequence, atBefore, payloadOf: event.id });
      else loop.count += 1;
      return;
    case 'hook.expired':
    case 'hook.conflicted':
      if (loop.hooks.has(event.id)) loop.kept.push({ sequence, atBefore });
      else loop.count += 1;
      return;
    case 'step.retrying':
    case 'step.lost':
      return; // counted as attempts
    default:
      if (event.type === 'step.exhausted' || event.type.startsWith('workflow.')) loop.kept.push({ sequence, atBefore });
      else loop.count += 1;
  }
}

/** What stays when hooks have been read so far. */
function unread(kept: readonly Kept[], hooks: NonNullable<CheckpointSaved['attributes']>['hooks']): Kept[] {
  const left = new Map(Object.entries(hooks ?? {}).map(([id, position]) => [id, position.unread ?? 0]));
  const stays = ({ payloadOf }: Kept): boolean => {
    if (payloadOf === undefined) return true;
    const count = left.get(payloadOf) ?? 0;
    left.set(payloadOf, count - 1);
    return count > 0;
  };
  return kept.toReversed().filter(stays).toReversed();
}

/** The last checkpoint up to a sequence, if it supersedes what is not compacted yet. */
function lastPoint({ points, compacted }: Loop, through: number): Point | undefined {
  const point = points.findLast(({ sequence }) => sequence <= through);
  return point && point.count > compacted ? point : undefined;
}

function gaps({ from, first }: Loop, point: Point): HistoryCompacted[] {
  const gone: HistoryCompacted[] = [];
  let start = from;
  for (const { sequence, atBefore: at } of [...point.kept, point]) {
    const attributes = { from: start, calls: {}, checkpoint: first };
    if (sequence > start) gone.push({ type: 'history.compacted', sequence: sequence - 1, at, attributes });
    start = sequence + 1;
  }
  return gone;
}
