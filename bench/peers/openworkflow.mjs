import { setTimeout as delay } from 'node:timers/promises';
import { OpenWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';

export async function open({ probe, databaseUrl }) {
  const backend = await BackendPostgres.connect(databaseUrl);
  const engine = new OpenWorkflow({ backend });
  const run = (step, name, value) => step.run({ name }, () => probe.step(value));
  const workflow = (name, body) => engine.defineWorkflow({ name }, body);

  const three = workflow('three', async ({ input, step }) => {
    const first = await run(step, 'a', input.start);
    return run(step, 'c', await run(step, 'b', first));
  });
  const fanOut = workflow('fan-out', async ({ input, step }) => {
    const values = await Promise.all(
      Array.from({ length: input.width }, (_, index) => run(step, `add-${index}`, index)),
    );
    return values.reduce((sum, value) => sum + value, 0);
  });
  const sequential = workflow('sequential', async ({ input, step }) => {
    let value = 0;
    while (value < input.steps) value = await run(step, `add-${value}`, value);
    return value;
  });
  const sleeper = workflow('sleeper', async ({ input, step }) => {
    probe.sleeps(input.index, input.ms);
    await step.sleep('nap', `${input.ms}ms`);
    probe.wakes(input.index);
    return input.index;
  });
  const waiter = workflow('waiter', async ({ input, step }) => {
    probe.waits(input.key);
    const signal = await step.waitForSignal({ signal: input.key, timeout: '60s' });
    return signal?.data.value;
  });
  const worker = engine.newWorker({ concurrency: 10 });
  await worker.start();

  const start = async (body, input) => {
    const handle = await body.run(input);
    return { result: () => handle.result() };
  };
  return {
    three: (value) => start(three, { start: value }),
    fanOut: async (width) => (await start(fanOut, { width })).result(),
    sequential: async (steps) => (await start(sequential, { steps })).result(),
    sleeper: (index, ms) => start(sleeper, { index, ms }),
    waiter: (key) => start(waiter, { key }),
    async send(key, value) {
      // A signal that comes before the run waits is dropped.
      for (let attempt = 0; attempt < 400; attempt++) {
        const { workflowRunIds } = await engine.sendSignal({ signal: key, data: { value } });
        if (workflowRunIds.length > 0) return;
        await delay(5);
      }
      throw new Error(`The signal ${key} was never delivered.`);
    },
    async close() {
      await worker.stop();
      await backend.stop();
    },
  };
}
