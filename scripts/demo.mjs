/** `npm run demo [-- arguments]`: installs what is missing, builds what has changed, then runs apps/demo. */
import { buildChanged } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { runNodeAndExit } from './run-node.mjs';

ensureInstalled();
console.log('Building ...');
buildChanged();
runNodeAndExit(['--enable-source-maps', 'dist/apps/demo/src/main.js', ...process.argv.slice(2)]);
