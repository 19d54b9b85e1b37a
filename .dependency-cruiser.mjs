/**
 * Which way imports point, checked on resolved files (dynamic imports and `import type` included).
 * `.oxlintrc.json` holds the quick version of the same rules.
 */
const LAYERS = {
  core: [],
  serialization: ['core'],
  runtime: ['core'],
  tables: ['core'],
  memory: ['core', 'tables'],
  typeorm: ['core'],
  redis: ['core'],
  file: ['core', 'tables'],
  bullmq: ['core'],
  testing: ['core', 'runtime', 'memory', 'serialization'],
};

/** The packages that only the named adapters may load. */
const DRIVERS = {
  'typeorm|pg|libsql|better-sqlite3|mysql2|@nestjs/typeorm': 'typeorm',
  ioredis: 'redis|bullmq',
  'bullmq|@nestjs/bullmq': 'bullmq',
};

/** The parts of src that are published by themselves, and the packages that only they may load. */
const OPTIONAL = {
  logging: 'nestjs-pino|pino|pino-http|pino-pretty',
  metrics: 'prom-client',
  health: '@nestjs/terminus',
};

const SPECS = '\\.(spec|spec-helpers)\\.ts$';
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });
const anyOf = (names) => names.join('|') || '$^';

const oneWay = Object.entries(LAYERS).map(([lib, allowed]) =>
  forbid(
    `${lib}-imports-${allowed.join('-and-') || 'nothing'}`,
    { path: `^libs/${lib}/`, pathNot: SPECS },
    { path: '^(src|apps|test|libs)/', pathNot: `^libs/(${lib}|${anyOf(allowed)})/` },
  ),
);

const driversOnlyInTheirAdapter = Object.entries(DRIVERS).map(([drivers, adapters]) =>
  forbid(
    `driver-only-in-${adapters.replace('|', '-or-')}`,
    { path: '^(src|libs|apps)/', pathNot: [`^libs/(${adapters})/`, SPECS] },
    { path: `(^|node_modules/)(${drivers})(/|$)`, pathNot: '^libs/' },
  ),
);

const optionalByItself = Object.entries(OPTIONAL).flatMap(([part, packages]) => [
  forbid(
    `src-imports-no-${part}`,
    { path: '^(src|libs)/', pathNot: [`^src/${part}/`, SPECS] },
    { path: `^src/${part}/` },
  ),
  forbid(
    `packages-only-in-${part}`,
    { path: '^(src|libs)/', pathNot: [`^src/${part}/`, SPECS] },
    { path: `(^|node_modules/)(${packages})(/|$)`, pathNot: '^(src|libs)/' },
  ),
]);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid('no-circular', {}, { circular: true }),
    // Apps and tests import the package by its own name, which TypeScript maps to src and libs.
    forbid('no-unresolvable', {}, { couldNotResolve: true, pathNot: '^nestjs-pyworkflow(/|$)' }),
    forbid('relative-inside', { path: '^(src|libs)/', pathNot: SPECS }, { path: '^nestjs-pyworkflow(/|$)' }),
    forbid('apps-import-by-name', { path: '^apps/' }, { path: '^(src|libs|test)/' }),
    forbid('core-is-pure', { path: '^libs/core/', pathNot: SPECS }, { pathNot: '^libs/core/' }),
    forbid(
      'runtime-needs-no-package',
      { path: '^libs/runtime/', pathNot: SPECS },
      { pathNot: '^libs/', dependencyTypesNot: ['core'] },
    ),
    ...oneWay,
    forbid(
      'src-imports-no-other-adapter',
      { path: '^src/', pathNot: ['^src/testing/', SPECS] },
      { path: '^(apps|test|libs)/', pathNot: '^libs/(core|runtime|serialization|memory|file|redis|typeorm|bullmq)/' },
    ),
    // What users test with is published by itself, and only it needs @nestjs/testing.
    forbid('src-imports-no-testing', { path: '^src/(?!testing/)', pathNot: SPECS }, { path: '^src/testing/' }),
    forbid(
      'src-imports-stores-lazily',
      { path: '^src/', pathNot: SPECS },
      { path: '^libs/(file|redis|typeorm|bullmq)/', dynamic: false, dependencyTypesNot: ['type-only'] },
    ),
    forbid('index-only', { path: '^libs/([^/]+)/' }, { path: '^libs/[^/]+/(?!index\\.ts$)', pathNot: '^libs/$1/' }),
    forbid('index-only-from-outside', { path: '^(src|test)/' }, { path: '^libs/[^/]+/(?!index\\.ts$)' }),
    forbid('src-index-only', { path: '^test/' }, { path: '^src/(?!index\\.ts$)' }),
    ...driversOnlyInTheirAdapter,
    ...optionalByItself,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
