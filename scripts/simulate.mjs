/**
 * `npm run simulate -- --seeds N --from S [--verbose]`: lives through N seeds, and says which of them break a promise.
 *
 * More: `--without crashes,freezes` leaves out classes of faults, `--remove fence` takes a guard away, `--bail` ends at
 * the first failure, `--digest` prints what a seed's trace comes to.
 */
import { parseArgs } from 'node:util';
import { compileSources } from './compile-sources.mjs';

const load = await compileSources();
const { GUARDS } = await load('libs/testing/simulation/guards.ts');
const { simulate } = await load('libs/testing/simulation/simulate.ts');

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    remove: { type: 'string' },
    bail: { type: 'boolean', default: false },
    digest: { type: 'boolean', default: false },
  },
});
const from = wholeNumber('from');
const to = from + wholeNumber('seeds');
if (options.remove !== undefined && !Object.hasOwn(GUARDS, options.remove)) {
  throw new Error(`--remove takes one of ${Object.keys(GUARDS).join(', ')}.`);
}
const settings = { ...GUARDS[options.remove], without: options.without.split(',').filter(Boolean) };

const began = performance.now();
let passed = 0;
let failed = 0;
for (let seed = from; seed < to && !(options.bail && failed > 0); seed++) {
  const report = await simulate(seed, settings);
  if (report.violations.length > 0) failed += 1;
  else passed += 1;
  if (options.verbose) console.log([report.programs, ...report.trace].join('\n'));
  if (options.digest) console.log(`seed ${seed}: ${report.digest}`);
  if (report.violations.length > 0) console.log(`${repeat(seed)}  # ${firstLine(report.violations[0])}`);
  if ((passed + failed) % 100 === 0) console.log(progress());
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function wholeNumber(name) {
  if (/^\d+$/.test(options[name])) return Number(options[name]);
  throw new Error(`--${name} takes a whole number; it is "${options[name]}".`);
}

/** The one line that lives through a seed again. */
function repeat(seed) {
  const more = ['without', 'remove'].filter((name) => options[name]).map((name) => ` --${name} ${options[name]}`);
  return `npm run simulate -- --seeds 1 --from ${seed}${more.join('')}`;
}

function progress() {
  const perSecond = ((passed + failed) / ((performance.now() - began) / 1_000)).toFixed(0);
  return `${passed + failed} seeds, ${failed} failed, ${perSecond} per second`;
}

function firstLine(text) {
  return text.split('\n', 1)[0].slice(0, 300);
}
