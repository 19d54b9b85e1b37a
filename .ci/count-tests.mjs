/** Prints `12 passed, 0 failed` from the JSON report of Jest. Ends with 1 when a test failed, was skipped, or none ran. */
import { readFileSync } from 'node:fs';

const report = read(process.argv[2]);
if (report.numPendingTests > 0) console.log(`${report.numPendingTests} tests were skipped: mend or remove them.`);
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 || report.numPendingTests > 0 || report.numPassedTests === 0 ? 1 : 0;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.log('The tests did not run.');
    return { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
  }
}
