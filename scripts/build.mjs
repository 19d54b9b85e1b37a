/** Compiles what has changed since the last build into `dist`. */
import { spawnSync } from 'node:child_process';
import { root } from './run-node.mjs';

export function buildChanged() {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  const incremental = ['--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo'];
  const build = spawnSync(process.execPath, [...tsc, ...incremental], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
