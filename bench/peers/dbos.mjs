import { createRequire } from 'node:module';

// Its ES module does not find parts of itself.
const { DBOS } = createRequire(import.meta.url)('@dbos-inc/dbos-sdk');

export async function open({ probe, databaseUrl }) {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, logLevel: 'error' });
  const step = (value) => DBOS.runStep(() => probe.step(value), { name: 'add' });
  const workflow = (name, run) => DBOS.registerWorkflow(run, { name });

  const three = workflow('three', async (start) => step(await step(await step(start))));
  const fanOut = workflow('fan-out', async (width) => {
    const values = await Promise.all(Array.from({ length: width }, (_, index) => step(index)));
    return values.reduce((sum, value) => sum + value, 0);
  });
  const sequential = workflow('sequential', async (steps) => {
    let value = 0;
    while (value < steps) value = await step(value);
    return value;
  });
  const sleeper = workflow('sleeper', async (index, ms) => {
    probe.sleeps(index, ms);
    await DBOS.sleepms(ms);
    probe.wakes(index);
    return index;
  });
  const waiter = workflow('waiter', (key) => {
    probe.waits(key);
    return DBOS.recv('go', 60);
  });
  await DBOS.launch();

  const start = async (run, args, options = {}) => {
    const handle = await DBOS.startWorkflow(run, options)(...args);
    return { result: () => handle.getResult() };
  };
  return {
    three: (value) => start(three, [value]),
    fanOut: async (width) => (await start(fanOut, [width])).result(),
    sequential: async (steps) => (await start(sequential, [steps])).result(),
    sleeper: (index, ms) => start(sleeper, [index, ms]),
    waiter: (key) => start(waiter, [key], { workflowID: key }),
    send: (key, value) => DBOS.send(key, value, 'go'),
    close: () => DBOS.shutdown(),
  };
}
