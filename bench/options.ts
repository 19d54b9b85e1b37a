import { parseArgs } from 'node:util';

export interface ComparisonOptions {
  readonly type: 'comparison';
  readonly engines: readonly string[];
  readonly workloads: readonly string[];
  readonly isQuick: boolean;
  /** How often each engine is measured. */
  readonly rounds: number;
  /** Where JSON lines are appended. */
  readonly json?: string;
  /** A page whose table is written anew. */
  readonly page?: string;
}

export type BenchOptions =
  { readonly type: 'help' } | { readonly type: 'overview'; readonly isQuick: boolean } | ComparisonOptions;

export interface Known {
  readonly engines: readonly string[];
  readonly workloads: readonly string[];
}

const MOST_ROUNDS = 100;

/** Says what is wrong with the arguments, for the person who typed them. */
export class BadOptionsError extends Error {}

/**
 * Reads the arguments of `npm run bench`: without engines and workloads, it is the overview of this package alone.
 *
 * @throws BadOptionsError
 */
export function parseOptions(args: readonly string[], known: Known): BenchOptions {
  const { help: isHelp, quick: isQuick, engines, workloads, rounds, json, page } = parse(args);
  if (isHelp) return { type: 'help' };
  if (engines === undefined && workloads === undefined) {
    if (rounds !== undefined) throw new BadOptionsError('--rounds goes with --engines or --workloads.');
    if (json !== undefined) throw new BadOptionsError('--json goes with --engines or --workloads.');
    if (page !== undefined) throw new BadOptionsError('--page goes with --engines or --workloads.');
    return { type: 'overview', isQuick };
  }
  return {
    type: 'comparison',
    engines: names('engines', engines, known.engines),
    workloads: names('workloads', workloads, known.workloads),
    isQuick,
    rounds: wholeNumber('rounds', rounds ?? '1', MOST_ROUNDS),
    ...(json === undefined ? undefined : { json }),
    ...(page === undefined ? undefined : { page }),
  };
}

export function help(
  engines: Readonly<Record<string, { readonly title: string }>>,
  workloads: Readonly<Record<string, { readonly title: string }>>,
): string {
  const list = (entries: Readonly<Record<string, { readonly title: string }>>): string =>
    Object.entries(entries)
      .map(([name, { title }]) => `  ${name.padEnd(26)}${title}`)
      .join('\n');
  return `npm run bench -- [--quick]
  Runs of three steps a second, and 4,000 against 1,000 sequential steps, on SQLite, in files and in memory.

npm run bench -- --engines NAME,... --workloads NAME,... [--quick] [--rounds N] [--json FILE] [--page FILE]
  Engines side by side, each workload in a fresh process. Leave one of the two out for all. Other engines are installed
  into node_modules/.cache when they are first asked for. PostgreSQL and Redis are those of DATABASE_URL and REDIS_URL,
  those on the standard ports, or private ones; only databases and keys made for the measurement are touched.

  --quick      small sizes: does it work, and is it about right
  --rounds N   measures each engine so often, in turns: the table has medians, and ratios to the first engine in each round
  --json FILE  appends a line of JSON for each engine, workload and round
  --page FILE  writes the figures into a page of Markdown, between <!-- bench --> and <!-- /bench -->

engines:
${list(engines)}

workloads:
${list(workloads)}`;
}

function parse(args: readonly string[]): {
  readonly help: boolean;
  readonly quick: boolean;
  readonly engines?: string;
  readonly workloads?: string;
  readonly rounds?: string;
  readonly json?: string;
  readonly page?: string;
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        engines: { type: 'string' },
        workloads: { type: 'string' },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        json: { type: 'string' },
        page: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new BadOptionsError(`${(error as Error).message}\nSee npm run bench -- --help.`);
  }
}

function wholeNumber(option: string, value: string, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= most) return number;
  throw new BadOptionsError(`--${option}: "${value}" is not a whole number from 1 to ${most}.`);
}

function names(option: string, value: string | undefined, known: readonly string[]): readonly string[] {
  if (value === undefined) return known;
  const asked = value.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const shown = unknown.map((name) => `"${name}"`).join(', ');
    throw new BadOptionsError(`--${option}: ${shown} is not one of ${known.join(', ')}.`);
  }
  return [...new Set(asked)];
}
