/** `npm run bench [-- arguments]`: installs what is missing, builds what has changed, then runs bench/. */
import { buildChanged } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { runNodeAndExit } from './run-node.mjs';

ensureInstalled();
buildChanged();
runNodeAndExit(['--enable-source-maps', 'dist/bench/main.js', ...process.argv.slice(2)]);
