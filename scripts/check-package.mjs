/**
 * `node scripts/check-package.mjs`: packs the package, looks at what is in it, then installs it into new applications
 * and runs the README's quick start there: Nest 11 and 12, ES modules and CommonJS, compiled by tsc and by SWC.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './ensure-installed.mjs';
import { killEverything, run } from './package/command.mjs';
import { checkApplication } from './package/application.mjs';
import { readQuickStart } from './package/quick-start.mjs';
import { pack } from './package/tarball.mjs';
import { root } from './run-node.mjs';

const LIMIT_MS = 420_000;
const started = Date.now();

ensureInstalled();
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pyworkflow-package-')));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
setTimeout(() => fail(new Error(`This took more than ${LIMIT_MS / 1000} seconds.`)), LIMIT_MS).unref();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => fail(new Error(`Stopped by ${signal}.`)));

try {
  await run('npm', ['run', '--silent', 'build'], { cwd: root });
  const tarball = await pack(directory);
  const quickStart = readQuickStart(readFileSync(join(root, 'README.md'), 'utf8'));
  await Promise.all(
    [
      { nest: 12, typescript: '~6.0.3' },
      { nest: 11, typescript: '~5.9.3' },
    ].map((versions) => checkApplication({ ...versions, directory, tarball, quickStart })),
  );
  console.log(`The package is fine (${Math.round((Date.now() - started) / 1000)} s).`);
  process.exit(0);
} catch (error) {
  fail(error);
}

function fail(error) {
  killEverything();
  console.error(`The package is not fine: ${error.message}`);
  process.exit(1);
}
