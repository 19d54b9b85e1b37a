import 'reflect-metadata';
import { compare } from './comparison.js';
import { ENGINES, WORKLOADS } from './catalog.js';
import { overview } from './overview.js';
import { BadOptionsError, help, parseOptions } from './options.js';

const known = { engines: Object.keys(ENGINES), workloads: Object.keys(WORKLOADS) };
try {
  const options = parseOptions(process.argv.slice(2), known);
  if (options.type === 'help') console.log(help(ENGINES, WORKLOADS));
  else if (options.type === 'overview') await overview(options.isQuick);
  else if (!(await compare(options))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof BadOptionsError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
