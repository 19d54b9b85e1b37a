/** `npm run demo [-- arguments]`: installs what is missing, builds what has changed, then runs apps/demo. */
import { spawnSync } from 'node:child_process';
import { ensureInstalled } from './ensure-installed.mjs';
import { root, runNodeAndExit } from './run-node.mjs';

ensureInstalled();
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
const incremental = ['--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo'];
const build = spawnSync(process.execPath, [...tsc, ...incremental], { cwd: root, stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);
runNodeAndExit(['--enable-source-maps', 'dist/apps/demo/src/main.js', ...process.argv.slice(2)]);
