/** `npm run simulate -- --help`: runs workflows under seeded faults, and says which seeds break a promise. */
import { parseArgs } from 'node:util';
import { compileSources } from './compile-sources.mjs';

const load = await compileSources();
const { GUARDS } = await load('libs/testing/simulation/guards.ts');
const { simulate } = await load('libs/testing/simulation/simulate.ts');
const { FAULTS } = await load('libs/testing/simulation/weather.ts');

const HELP = `npm run simulate -- [--seeds N] [--from S] [--without FAULT,...] [--remove GUARD] [--bail] [--verbose] [--digest]

Lives through N seeds, each of them one schedule of crashes, delays, duplicates and losses over workflows made at random,
and compares what came of it with a plain interpreter. A seed that breaks a promise is printed as the line that repeats it.

--seeds     how many. @default 1000
--from      the first one. @default 1
--without   leaves out faults:${wrapped(FAULTS)}
--remove    takes away a guard, so that seeds must fail:${wrapped(Object.keys(GUARDS))}
--bail      ends at the first failure
--verbose   prints the programs and what happened
--digest    prints what the trace of each seed comes to`;

class BadOptionsError extends Error {}

try {
  const options = readOptions();
  if (options) await main(options);
  else console.log(HELP);
} catch (error) {
  if (!(error instanceof BadOptionsError)) throw error;
  console.error(`${error.message}\nSee npm run simulate -- --help.`);
  process.exitCode = 1;
}

async function main({ from, seeds, without, remove, bail, verbose, digest }) {
  const settings = { ...GUARDS[remove], without };
  const began = performance.now();
  let passed = 0;
  let failed = 0;
  for (let seed = from; seed < from + seeds && !(bail && failed > 0); seed++) {
    const report = await simulate(seed, settings);
    if (report.violations.length > 0) failed += 1;
    else passed += 1;
    if (verbose) console.log([report.programs, ...report.trace].join('\n'));
    if (digest) console.log(`seed ${seed}: ${report.digest}`);
    if (report.violations.length > 0) {
      console.log(`${repeat(seed, without, remove)}  # ${firstLine(report.violations[0])}`);
    }
    if ((passed + failed) % 100 === 0) {
      const perSecond = ((passed + failed) / ((performance.now() - began) / 1_000)).toFixed(0);
      console.log(`${passed + failed} seeds, ${failed} failed, ${perSecond} per second`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** @returns nothing if help is asked for */
function readOptions() {
  const values = parse();
  if (values.help) return undefined;
  const without = values.without.split(',').filter(Boolean);
  for (const fault of without) known('without', fault, FAULTS);
  if (values.remove !== undefined) known('remove', values.remove, Object.keys(GUARDS));
  return { ...values, without, seeds: wholeNumber('seeds', values.seeds), from: wholeNumber('from', values.from) };
}

function parse() {
  try {
    return parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        verbose: { type: 'boolean', default: false },
        without: { type: 'string', default: '' },
        remove: { type: 'string' },
        bail: { type: 'boolean', default: false },
        digest: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadOptionsError(error.message);
  }
}

function known(option, name, names) {
  if (!names.includes(name)) throw new BadOptionsError(`--${option}: "${name}" is not one of ${names.join(', ')}.`);
}

function wholeNumber(option, text) {
  if (/^\d+$/.test(text)) return Number(text);
  throw new BadOptionsError(`--${option} takes a whole number; it is "${text}".`);
}

/** The one line that lives through a seed again. */
function repeat(seed, without, remove) {
  const options = [
    `--seeds 1 --from ${seed}`,
    ...(without.length > 0 ? [`--without ${without.join(',')}`] : []),
    ...(remove ? [`--remove ${remove}`] : []),
  ];
  return `npm run simulate -- ${options.join(' ')}`;
}

function firstLine(text) {
  return text.split('\n', 1)[0].slice(0, 300);
}

/** In lines that begin below the text of an option. */
function wrapped(names) {
  const lines = [''];
  for (const name of names) {
    if (lines.at(-1).length > 80) lines.push('');
    lines[lines.length - 1] += `${lines.at(-1) ? ', ' : ''}${name}`;
  }
  return lines.map((line) => `\n            ${line}`).join(',');
}
