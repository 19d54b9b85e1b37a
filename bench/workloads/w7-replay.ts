import { median, round } from '../statistics.js';
import { offered, type Workload } from '../workload.js';

const EVENTS = 10_000;

export const replay: Workload = {
  title: `replay of a history of ${EVENTS.toLocaleString('en-US')} events after a restart, first page read to waiting again`,
  figure: 'eventsPerSec',
  unit: 'events/s',
  also: ['eventsPerCpuSec', 'firstEventsPerSec'],
  async measure({ engine, meter, isQuick }) {
    const replayOnce = await offered(engine.prepareReplay?.bind(engine))(EVENTS);
    const rates: number[] = [];
    const cpuRates: number[] = [];
    const stop = await meter.start();
    for (let repetition = 0; repetition < (isQuick ? 3 : 7); repetition++) {
      const { events, ms, cpuMs } = await replayOnce();
      rates.push(round(events / (ms / 1_000), 0));
      cpuRates.push(round(events / (cpuMs / 1_000), 0));
    }
    const { foreignCores } = await stop();
    // The first one is that of a process that has not replayed before.
    const [firstEventsPerSec] = rates;
    const medians = { eventsPerSec: median(rates), eventsPerCpuSec: median(cpuRates) };
    return { n: EVENTS, ...medians, firstEventsPerSec, reps: rates, cpuReps: cpuRates, foreignCores };
  },
};
