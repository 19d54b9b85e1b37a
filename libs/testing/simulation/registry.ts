import { macrotaskTurn } from '../../core/index.js';
import { Registry } from '../../runtime/index.js';
import { enginePrimitives } from './engine-primitives.js';
import { runProgram } from './run-program.js';
import type { HostProcess } from './surroundings.js';
import { stepDefinition, stepsOf } from './steps.js';

/** What a process of this world knows: its workflows and all their steps. */
export function registryOf(process: HostProcess): Registry {
  const { world } = process;
  const registry = new Registry();
  const primitives = enginePrimitives({
    ordinary: ({ kind }) => (kind === 'turn' ? macrotaskTurn() : process.delay(world.ordinaryMs())),
    sideEffect: async (ms) => {
      if (ms > 0) await process.delay(ms);
      return world.unique();
    },
  });
  const { lacks } = process.traits;
  for (const { name, program, maxDurationMs } of world.workflows.filter((workflow) => workflow.name !== lacks)) {
    registry.addWorkflow({
      name,
      version: 1,
      tags: [],
      recoverOnWorkerLoss: true,
      ...(maxDurationMs === undefined ? undefined : { maxDurationMs }),
      invoke: ([input]) => runProgram(program, input as number, primitives),
    });
    for (const step of stepsOf(program)) {
      if (registry.step(step.name) || step.name === lacks) continue;
      registry.addStep(
        stepDefinition(step, {
          onAttempt: (context) =>
            world.ledger.onAttempt(
              {
                owner: process.owner,
                isWorker: process.traits.role === 'step-worker',
                now: world.hasRightClocks ? process.clock.now() : undefined,
              },
              context,
            ),
          isKilledBy: ({ kills = 0 }, { runId, stepId }) => {
            if (world.weather.climate.poison === 0) return false;
            if (world.ledger.countKills(`${runId} ${stepId}`) > kills) return false;
            process.die();
            return true;
          },
          delay: (ms) => process.delay(ms),
        }),
      );
    }
  }
  return registry;
}
