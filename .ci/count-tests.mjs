/** Prints `12 passed, 0 failed` from the JSON reports of Jest. Ends with 1 when a test failed, was skipped, or none ran. */
import { readFileSync } from 'node:fs';

let [passed, failed, skipped] = [0, 0, 0];
for (const path of process.argv.slice(2)) {
  const report = read(path);
  passed += report.numPassedTests;
  skipped += report.numPendingTests;
  failed += report.numFailedTests + report.numRuntimeErrorTestSuites + (report.numTotalTests === 0 ? 1 : 0);
}
if (skipped > 0) console.log(`${skipped} tests were skipped: mend or remove them.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || skipped > 0 || passed === 0 ? 1 : 0;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.log(`The tests of ${path} did not run.`);
    return { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
  }
}
