import { relative, resolve } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Specs that start many processes, and contracts that a server has to pass: small files that take long. */
const LONG = /^test\/(processes|cluster)\/|-contract\.spec\.ts$|\.store\.spec\.ts$/;
const root = resolve(import.meta.dirname, '..');

/**
 * Begins with what takes longest, so that no long spec runs by itself at the end.
 *
 * Jest goes by how long each took the last time, and by the size of the files as long as it does not know, as in a
 * fresh clone.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.test(relative(root, path).replaceAll('\\', '/'));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
