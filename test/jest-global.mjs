import { jest } from '@jest/globals';

// Jest defines `jest` as a global in CommonJS only; in ES modules it is an import.
globalThis.jest = jest;
