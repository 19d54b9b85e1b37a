import { median, round } from '../statistics.js';
import { offered, type Workload } from '../workload.js';

const EVENTS = 10_000;

export const replay: Workload = {
  title: `replay of a history of ${EVENTS.toLocaleString('en-US')} events after a restart, first page read to waiting again`,
  figure: 'eventsPerSec',
  unit: 'events/s',
  also: ['firstEventsPerSec'],
  async measure({ engine, meter, isQuick }) {
    const replayOnce = await offered(engine.prepareReplay?.bind(engine))(EVENTS);
    const rates: number[] = [];
    const stop = await meter.start();
    for (let repetition = 0; repetition < (isQuick ? 3 : 7); repetition++) {
      const { events, ms } = await replayOnce();
      rates.push(round(events / (ms / 1_000), 0));
    }
    const { foreignCores } = await stop();
    // The first one is that of a process that has not replayed before.
    return { n: EVENTS, eventsPerSec: median(rates), firstEventsPerSec: rates[0], reps: rates, foreignCores };
  },
};
