import { availableParallelism } from 'node:os';
import { entryPoints } from './scripts/entry-points.mjs';

const sources = [...entryPoints()].map(([name, path]) => [`^${name}$`, `<rootDir>/${path}`]);

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/src', '<rootDir>/libs', '<rootDir>/apps', '<rootDir>/bench', '<rootDir>/test'],
  testRegex: '\\.spec\\.ts$',
  // `npm run test:long` runs these.
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.spec\\.ts$'],
  testEnvironment: 'node',
  testTimeout: 20_000,
  // Much of the time goes to waiting for servers and processes.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testSequencer: '<rootDir>/test/sequencer.mjs',
  globalSetup: '<rootDir>/test/services/global-setup.mjs',
  globalTeardown: '<rootDir>/test/services/global-teardown.mjs',
  setupFiles: ['reflect-metadata', '<rootDir>/test/jest-global.mjs'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    ...Object.fromEntries(sources),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  coverageProvider: 'v8',
  // The core is covered by its own specs alone: `npm run test:coverage`, which CI runs. Jest ignores the threshold when
  // it collects no coverage.
  collectCoverageFrom: ['libs/core/**/*.ts', '!**/*.spec.ts', '!**/*.spec-helpers.ts'],
  coverageReporters: ['text'],
  coverageThreshold: { './libs/core/': { statements: 100, branches: 100, functions: 100, lines: 100 } },
};
