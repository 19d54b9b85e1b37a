import pg from 'pg';
import { openApplication } from '../application.js';
import type { BenchEngine, EngineContext, EngineEntry, Started } from '../engine.js';
import { Batcher } from './batcher.js';

const ONLY_RUNS = 'writes the rows of runs of three steps only';

/** The yardstick: the same rows in the same tables, in groups of the same kind, by a loop that does nothing else. */
export const pgLoop: EngineEntry = {
  title: 'a bare loop over pg that writes the same rows',
  config:
    'one prepared statement, groups of up to 256 commits, two groups under way, which share 64 commits or more; no fence, no replay, no codec',
  needs: ['postgres'],
  skips: Object.fromEntries(['W3', 'W4', 'W5', 'W5M', 'W6', 'W7', 'W8', 'IDLE'].map((name) => [name, ONLY_RUNS])),
  async open(context) {
    // Makes the tables, with their indexes.
    await (await openApplication({ type: 'postgres', url: context.databaseUrl }, context.probe)).close();
    return new PgLoop(context);
  },
};

/** run_id, sequence, type, ref, payload, attributes */
type Event = readonly [string, number, string, string | null, string, string | null];

interface Commit {
  readonly runId: string;
  readonly status: 'new' | 'running' | 'completed';
  readonly output: string | null;
  readonly events: readonly Event[];
}

const LEASE = '$7::bigint + 15000';
const UNLESS_ENDED = (value: string): string => `CASE WHEN rows.status <> 'completed' THEN ${value} END`;
const WRITE = {
  name: 'write',
  text: `WITH created AS (
      INSERT INTO workflow_run (run_id, workflow, version, status, tags, input_digest, sequence, created_at, updated_at,
        fence, owner, lease_until, wake_at, recovery_attempts)
      SELECT run_id, 'three', 1, 'running', '[]', $12, 2, $7::bigint, $7::bigint, 1, $13, ${LEASE}, ${LEASE}, 0
      FROM unnest($8::text[]) AS rows (run_id)),
    changed AS (
      UPDATE workflow_run AS run SET sequence = run.sequence + 2, status = rows.status, output = rows.output,
        updated_at = $7::bigint, owner = ${UNLESS_ENDED('$13')}, lease_until = ${UNLESS_ENDED(LEASE)},
        wake_at = ${UNLESS_ENDED(LEASE)}, ended_at = CASE WHEN rows.status = 'completed' THEN $7::bigint END
      FROM unnest($9::text[], $10::text[], $11::text[]) AS rows (run_id, status, output)
      WHERE run.run_id = rows.run_id)
    INSERT INTO workflow_event (run_id, sequence, type, at, ref, payload, attributes)
    SELECT run_id, sequence, type, $7::bigint, ref, payload, attributes
    FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
      AS rows (run_id, sequence, type, ref, payload, attributes)`,
};

// As long as those of the engine.
const STARTED = '{"workflow":"three","version":1,"seed":"0123456789abcdef0123456789abcdef"}';
const DIGEST = '0123456789abcdef0123456789abcdef0123456789a';
const OWNER = '0123456789abcdef0123456789abcdef';
const RUN_ID = 'run_0123456789abcdef0123456';

class PgLoop implements BenchEngine {
  private readonly pool: pg.Pool;
  private readonly commits = new Batcher<Commit>((commits) => this.write(commits));
  private runs = 0;

  constructor(private readonly context: EngineContext) {
    // As the engine does: the plan that is kept has to be the one for full tables.
    const onConnect = (client: pg.ClientBase): void => void client.query('SET enable_seqscan = off');
    this.pool = new pg.Pool({ connectionString: context.databaseUrl, max: 10 });
    this.pool.on('connect', onConnect);
  }

  async three(start: number): Promise<Started> {
    const runId = RUN_ID + (this.runs++).toString(16).padStart(6, '0');
    const started: Event = [runId, 1, 'workflow.started', null, `[${start}]`, STARTED];
    await this.commits.add({ runId, status: 'new', output: null, events: [started, scheduled(runId, 1, start)] });
    return { result: () => this.goOn(runId, start) };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async goOn(runId: string, start: number): Promise<number> {
    let value = start;
    for (let step = 1; step <= 3; step++) {
      value = await this.context.probe.step(value);
      const isLast = step === 3;
      const next: Event = isLast
        ? [runId, 8, 'workflow.completed', null, String(value), null]
        : scheduled(runId, step + 1, value);
      await this.commits.add({
        runId,
        status: isLast ? 'completed' : 'running',
        output: isLast ? String(value) : null,
        events: [completed(runId, step, value), next],
      });
    }
    return value;
  }

  private async write(commits: readonly Commit[]): Promise<void> {
    const events = commits.flatMap((commit) => commit.events);
    const created = commits.filter(({ status }) => status === 'new');
    const changed = commits.filter(({ status }) => status !== 'new');
    await this.pool.query({
      ...WRITE,
      values: [
        ...[0, 1, 2, 3, 4, 5].map((column) => events.map((event) => event[column])),
        Date.now(),
        created.map(({ runId }) => runId),
        ...[changed.map(({ runId }) => runId), changed.map(({ status }) => status)],
        changed.map(({ output }) => output),
        ...[DIGEST, OWNER],
      ],
    });
  }
}

function scheduled(runId: string, step: number, value: number): Event {
  return [runId, 2 * step, 'step.scheduled', `add#${step}`, `[${value}]`, null];
}

function completed(runId: string, step: number, value: number): Event {
  return [runId, 2 * step + 1, 'step.completed', `add#${step}`, String(value), '{"attempt":1}'];
}
