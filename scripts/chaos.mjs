/** `npm run chaos -- --help`: harms real processes and servers while they run workflows. */
import { compileSources } from './compile-sources.mjs';

const load = await compileSources();
const { main } = await load('test/chaos/main.ts');

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
