/**
 * `node --import ./scripts/typescript.mjs program.ts`: runs the sources as they are, for tests that need a process
 * of their own. Types are not checked, and `nestjs-pyworkflow` is this project's source.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
