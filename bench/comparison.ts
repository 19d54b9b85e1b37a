import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { ENGINES, WORKLOADS } from './catalog.js';
import { measureInChild } from './child-process.js';
import type { EngineEntry } from './engine.js';
import { installPackages } from './open-peer.js';
import type { ComparisonOptions } from './options.js';
import { machine, withFigures } from './page.js';
import { bySubject, overRounds } from './rounds.js';
import { Servers } from './servers.js';
import { table } from './table.js';
import type { Figures, Line } from './workload.js';

/**
 * Measures engines side by side: workload by workload, so that what is compared ran at about the same time. In every
 * second round they take turns in reverse, so that a machine that gets slower is as unfair to one as to the other.
 *
 * @returns whether all of it could be measured
 */
export async function compare({
  engines,
  workloads,
  isQuick,
  rounds,
  json,
  page,
}: ComparisonOptions): Promise<boolean> {
  const entries = engines.map((name) => ENGINES[name]!);
  installPackages(entries);
  const needs = new Set(entries.flatMap((entry) => entry.needs));
  const servers = await Servers.start(needs);
  const lines: Line[] = [];
  let places: readonly string[] = [];
  try {
    places = await servers.describe(needs);
    for (const place of places) console.log(place);
    for (const workload of workloads) {
      for (const { engine, round } of turns(engines, rounds)) {
        console.error(`${workload} ${engine} ${rounds > 1 ? `(${round} of ${rounds}) ` : ''}...`);
        const figures = await measure(servers, { engine, workload, isQuick }, ENGINES[engine]!);
        const line = { engine, workload, ...(rounds > 1 && { round }), ...figures };
        lines.push(line);
        const text = JSON.stringify(line);
        console.log(text);
        if (json !== undefined) appendFileSync(json, `${text}\n`);
      }
    }
  } finally {
    await servers.stop();
  }
  console.log(`\n${table(lines, WORKLOADS)}`);
  if (page !== undefined) {
    const measured = {
      lines: bySubject(lines).map(overRounds),
      workloads: WORKLOADS,
      on: [machine(), ...places].join('. '),
    };
    writeFileSync(page, withFigures(readFileSync(page, 'utf8'), measured));
  }
  return lines.every((line) => line['error'] === undefined);
}

function turns(
  engines: readonly string[],
  rounds: number,
): readonly { readonly engine: string; readonly round: number }[] {
  return Array.from({ length: rounds }, (_, index) => {
    const inOrder = engines.map((engine) => ({ engine, round: index + 1 }));
    return index % 2 === 0 ? inOrder : inOrder.reverse();
  }).flat();
}

async function measure(
  servers: Servers,
  task: { readonly engine: string; readonly workload: string; readonly isQuick: boolean },
  { title, config, needs, skips }: EngineEntry,
): Promise<Figures> {
  const skipped = skips?.[task.workload];
  if (skipped !== undefined) return { title, skipped };
  const { drop, ...place } = await servers.place(needs);
  const load = Number(loadavg()[0]?.toFixed(2));
  try {
    const figures = await measureInChild({ ...task, ...place });
    return { title, config, isQuick: task.isQuick, load, at: new Date().toISOString(), ...figures };
  } finally {
    await drop();
  }
}
