import { setTimeout as delay } from 'node:timers/promises';
import { round } from '../statistics.js';
import { runThree, type Workload } from '../workload.js';

/** PostgreSQL counts a transaction up to ten seconds late. */
const STATISTICS_MS = 11_000;

export const idleCost: Workload = {
  title: 'a process without work: its statements and transactions each second (ours: 3 processes with 10 queues)',
  figure: 'perProcessPerSec',
  unit: 'per process and s',
  also: ['processes', 'statementsPerSec', 'transactionsPerSec'],
  async measure(bench) {
    const { engine, meter, isQuick } = bench;
    for (let index = 0; index < 20; index++) await runThree(bench, index);
    await delay(STATISTICS_MS);
    const [transactions, statements] = [await meter.transactions(), engine.statements?.().count];
    const began = performance.now();
    await delay(isQuick ? 30_000 : 60_000);
    const seconds = (performance.now() - began) / 1_000;
    const now = await meter.transactions();
    const processes = engine.statements?.().processes ?? 1;
    const statementsPerSec = statements === undefined ? undefined : (engine.statements!().count - statements) / seconds;
    const transactionsPerSec =
      now === undefined || transactions === undefined ? undefined : (now - transactions) / seconds;
    const perSec = Math.max(statementsPerSec ?? 0, transactionsPerSec ?? 0);
    return {
      processes,
      statementsPerSec: statementsPerSec === undefined ? undefined : round(statementsPerSec),
      transactionsPerSec: transactionsPerSec === undefined ? undefined : round(transactionsPerSec),
      perProcessPerSec: round(perSec / processes),
    };
  },
};
