import { waitFor } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

const RUNS = 80;

export const repeats: Scenario = {
  name: 'repeats',
  about: 'Every message of the queues, and every payload of a hook, is delivered three times.',
  on: ['postgres', 'cluster'],
  env: { CHAOS_REPEAT: '3' },
  async run(stage) {
    const { deployment, load, monitor, options } = stage;
    await deployment.startAll();
    const runs = Math.ceil(RUNS * options.scale);
    load.feed(40);
    await waitFor(() => monitor.ended >= runs, 'the runs do not get on', 120_000);
    stage.harm('delivered everything three times');
  },
};
