/**
 * `npm run simulate -- --seeds N --from S [--verbose]`: lives through N seeds, and says which of them break a promise.
 */
import { parseArgs } from 'node:util';

import './typescript.mjs';
const { simulate } = await import('../libs/testing/simulation/simulate.ts');

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
  },
});
const from = Number(options.from);
const count = Number(options.seeds);
const settings = { without: options.without.split(',').filter(Boolean) };
const began = performance.now();
let failed = 0;
let events = 0;
for (let seed = from; seed < from + count; seed++) {
  const report = await simulate(seed, settings);
  events += report.events;
  if (report.violations.length > 0) {
    failed += 1;
    console.log(`seed ${seed}: ${report.violations[0]}`);
    console.log(`  npm run simulate -- --seeds 1 --from ${seed} --verbose`);
  }
  if (options.verbose) console.log([report.programs, ...report.trace, ...report.violations].join('\n'));
  const done = seed - from + 1;
  if (done % 100 === 0) console.log(`${done} seeds, ${(done / ((performance.now() - began) / 1_000)).toFixed(1)} per second, ${events} events`);
}
console.log(`${count - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
