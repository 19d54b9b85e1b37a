/** `npm test [-- jest arguments]`: installs what is missing, then runs Jest. */
import { ensureInstalled } from './ensure-installed.mjs';
import { runNodeAndExit } from './run-node.mjs';

ensureInstalled();
runNodeAndExit([
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  ...process.argv.slice(2),
]);
