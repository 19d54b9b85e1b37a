import { fileURLToPath } from 'node:url';
import { caller, callerOf, engineFrames } from './caller.js';

const HERE = fileURLToPath(new URL('../../', import.meta.url));
const user = 'at OrderWorkflow.run (/app/src/order.workflow.ts:12:30)';
const stack = (...frames: string[]): string => ['Error', ...frames.map((frame) => `    ${frame}`)].join('\n');

describe('the caller of a command', () => {
  test.each([
    ['the core', `at Execution.step (${HERE}libs/core/execution.ts:80:5)`],
    ['the runtime', `at async createHook (${HERE}libs/runtime/primitives.ts:8:5)`],
    ['the discovery', `at ${HERE}src/discovery/stand-in.ts:8:5`],
    ['the built package', `at sleep (${HERE}dist/libs/runtime/sleep.js:8:5)`],
    ['the language', 'at new Promise (<anonymous>)'],
    ['Node', 'at AsyncLocalStorage.run (node:async_hooks:346:14)'],
  ])('is the first frame behind those of %s', (_name, frame) => {
    expect(callerOf(stack(frame, user, 'at main (/app/main.ts:1:1)'))).toBe(user.replace('at ', ''));
  });

  test.each(['libs/core/orders.ts', 'libs/runtime/orders.ts', 'src/hooks/orders.ts', 'src/discovery/orders.ts'])(
    'may be in %s of an application',
    (file) => {
      expect(callerOf(stack(`at run (/app/${file}:3:4)`, user))).toBe(`run (/app/${file}:3:4)`);
    },
  );

  test('may be a test of the engine', () => {
    expect(callerOf(stack(`at issue (${HERE}libs/core/execution.ts:1:1)`, `at ${HERE}libs/core/a.spec.ts:2:2`))).toBe(
      `${HERE}libs/core/a.spec.ts:2:2`,
    );
  });

  test('is the innermost frame if all are of the engine', () => {
    expect(callerOf(stack('at a (node:a:1:1)', 'at b (node:b:1:1)'))).toBe('a (node:a:1:1)');
  });

  test('is where the library was called', () => {
    const { stackTraceLimit } = Error;
    expect(caller()).toMatch(/caller\.spec\.ts:\d+:\d+/);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  test('is empty without a stack', () => {
    expect(callerOf(undefined)).toBe('');
    expect(callerOf('Error')).toBe('');
  });
});

describe('frames of the engine', () => {
  test.each([
    ['as Node writes modules', 'file:///app/node_modules/nestjs-pyworkflow/dist/', 'js'],
    ['behind source maps', '/app/node_modules/nestjs-pyworkflow/', 'ts'],
    ['in a directory with blanks and brackets', 'file:///my%20app/node_modules/.pnpm/a@1(b@2)/dist/', 'js'],
    ['on Windows', 'C:\\app\\node_modules\\nestjs-pyworkflow\\', 'ts'],
  ])('are told by where it is, %s', (_name, root, extension) => {
    const slash = root.includes('\\') ? '\\' : '/';
    const of = (...path: string[]): string => `${root}${path.join(slash)}.${extension}:8:5`;
    for (const own of [
      `    at ${of('libs', 'core', 'caller')}`,
      `    at Object.<anonymous> (${of('libs', 'core', 'caller')})`,
    ]) {
      const isOfEngine = engineFrames(own);
      expect(isOfEngine(`    at sleep (${of('libs', 'runtime', 'sleep')})`)).toBe(true);
      expect(isOfEngine(`    at async ${of('src', 'hooks', 'hook-definition')}`)).toBe(true);
      expect(isOfEngine(`    at run (/other/${['libs', 'core', 'order'].join(slash)}.${extension}:1:1)`)).toBe(false);
    }
  });

  test('are those of Node alone in a bundle', () => {
    const isOfEngine = engineFrames('    at file:///app/dist/main.js:1:2');
    expect(isOfEngine('    at run (node:async_hooks:1:1)')).toBe(true);
    expect(isOfEngine('    at sleep (file:///app/dist/main.js:8:5)')).toBe(false);
  });
});
