import { DEFAULT_ENGINE_OPTIONS } from '../../libs/runtime/index.js';
import type { LedgerRow } from './support/ledger.js';
import { endPrograms, type Exit, type Program } from './support/program.js';
import { Scene } from './support/scene.js';

/** The first death, and one for each time that the run is tried again. */
const DEATHS = DEFAULT_ENGINE_OPTIONS.maxRecoveryAttempts + 1;

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

describe.each([
  { death: 'process.exit()', env: { DEATH: 'exit' }, exit: { code: 3, signal: null } },
  { death: 'SIGKILL', env: { DEATH: 'kill' }, exit: { code: null, signal: 'SIGKILL' } },
])('a step that ends its process by $death each time', ({ env, exit }) => {
  let scene: Scene;
  let last: Program;
  const exits: Exit[] = [];
  const boots: (readonly LedgerRow[])[] = [];

  beforeAll(async () => {
    scene = await Scene.create();
    for (let deaths = 0; deaths <= DEATHS; deaths++) {
      last = await scene.run('poison', env);
      exits.push(await last.exited);
      boots.push(scene.ledger.of(last.pid));
      if (last.output.includes('paused')) break;
    }
  }, 120_000);

  it('is tried again as often as maxRecoveryAttempts says, then its run is paused with the reason', async () => {
    expect(exits).toEqual([...Array.from({ length: DEATHS }, () => exit), { code: 0, signal: null }]);
    const deadly = scene.ledger.rows().filter(({ step }) => step === 'deadly');
    expect(deadly).toHaveLength(DEATHS);
    const { run, history } = await scene.look('poison');
    expect(run).toMatchObject({ status: 'paused', reason: expect.stringContaining(`died ${DEATHS} times`) });
    expect(history.at(-1)).toMatchObject({ type: 'workflow.paused' });
  });

  it('does not keep the runs from ending that were executing beside it', async () => {
    expect(last.output).toEqual(['others [1,2,3,4,5]', 'paused']);
    for (let n = 0; n < 5; n++) {
      const { run } = await scene.look(`other-${n}`);
      expect(run).toMatchObject({ status: 'completed', recoveryAttempts: 0 });
    }
  });

  it('is never executed beside another suspect after its first death', () => {
    for (const rows of boots.slice(1)) expect(overlapsWithDeadly(rows)).toEqual([]);
  });
});

/** The slow steps of recovered runs that were executing when the deadly one was, or the other way round. */
function overlapsWithDeadly(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  const open: LedgerRow[] = [];
  const overlaps: LedgerRow[] = [];
  for (const row of rows) {
    if (row.step !== 'slow' && row.step !== 'deadly') continue;
    if (row.event === 'begin') {
      if (open.length > 0 && (row.step === 'deadly' || open.some(({ step }) => step === 'deadly'))) overlaps.push(row);
      open.push(row);
    } else {
      open.splice(
        open.findIndex(({ key }) => key === row.key),
        1,
      );
    }
  }
  return overlaps;
}

it('pauses a run whose workflow code ends its process each time it wakes up', async () => {
  const scene = await Scene.create();
  const exits: Exit[] = [];
  // A run that sleeps is no suspect, so its first death is not counted.
  while (exits.length < DEATHS + 2 && exits.at(-1)?.code !== 0) {
    const program = await scene.run('poison', { DEATH: 'workflow' });
    exits.push(await program.exited);
  }
  expect(exits.at(-1)).toEqual({ code: 0, signal: null });
  expect((await scene.look('poison')).run).toMatchObject({ status: 'paused' });
}, 120_000);
