import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { HealthServer } from './health-server.js';
import { loadAppModule } from './load-app-module.js';
import { runProcess } from './run-process.js';
import { answerTo } from './usage.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pyworkflow-bootstrap-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

describe('loadAppModule', () => {
  it.each([
    ['the default export', 'export default class Any {}; export class Other {}', '', 'Any'],
    ['AppModule', 'export class AppModule {}; export class Other {}', '', 'AppModule'],
    ['the only class', 'export class Shop {}; export const port = 1; export function f() {}', '', 'Shop'],
    ['the export that is named', 'export class AppModule {}; export class Other {}', '#Other', 'Other'],
  ])('takes %s', async (_, content, suffix, name) => {
    const path = await file(`${name}${suffix.length}.mjs`, content);
    expect((await loadAppModule(path + suffix)).name).toBe(name);
    expect((await loadAppModule(`./${relative(process.cwd(), path)}${suffix}`)).name).toBe(name);
  });

  it('takes what a CommonJS file exports', async () => {
    const path = await file('common.cjs', 'exports.AppModule = class AppModule {}; exports.Other = class Other {};');
    expect((await loadAppModule(path)).name).toBe('AppModule');
  });

  it.each([undefined, '', '  '])('says what to set when it is %p', async (reference) => {
    await expect(loadAppModule(reference)).rejects.toThrow('PYWORKFLOW_APP_MODULE is not set');
  });

  it('says what is wrong with the file', async () => {
    const none = await file('none.mjs', 'export const answer = 42;');
    const two = await file('two.mjs', 'export class A {}; export class B {}');
    const broken = await file('broken.mjs', 'throw new Error("no database");');
    await expect(loadAppModule('./no-such.js')).rejects.toThrow('there is no file');
    await expect(loadAppModule(directory)).rejects.toThrow('there is no file');
    await expect(loadAppModule(none)).rejects.toThrow('exports no class');
    await expect(loadAppModule(two)).rejects.toThrow('exports A, B: it is not clear which is the module');
    await expect(loadAppModule(`${two}#C`)).rejects.toThrow('none is named "C"');
    await expect(loadAppModule(broken)).rejects.toThrow('could not be loaded: Error: no database');
    await expect(loadAppModule(broken)).rejects.toThrow(/broken\.mjs:1/);
  });
});

describe('the arguments of a program', () => {
  it('are none to run it', () => {
    expect(answerTo([], 'orchestrator')).toBeUndefined();
  });

  it.each([
    [['--help'], 0, 'Usage: pyworkflow-step-worker'],
    [['-h'], 0, 'PYWORKFLOW_APP_MODULE'],
    [['--version'], 0, /^\d+\.\d+\.\d+$/],
    [['--port', '80'], 1, 'takes no argument such as "--port"'],
  ])('%p ask, and are answered with exit code %i', (args, exitCode, text) => {
    expect(answerTo(args, 'step-worker')).toEqual({ exitCode, text: expect.stringMatching(text) });
  });
});

describe('the health endpoint', () => {
  it('answers with what it is told, and knows no other page', async () => {
    let isHealthy = true;
    const server = new HealthServer(async () => ({ isHealthy, details: { status: isHealthy ? 'up' : 'down' } }));
    const port = await server.listen(0, '127.0.0.1');
    const ask = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()];
    };
    expect(await ask('/health')).toEqual([200, { status: 'up' }]);
    isHealthy = false;
    expect(await ask('/health?full=1')).toEqual([503, { status: 'down' }]);
    expect((await ask('/metrics'))[0]).toBe(404);
    await server.close();
    await server.close();
    await expect(ask('/health')).rejects.toThrow('fetch failed');
  });

  it('says so when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const server = new HealthServer(async () => ({ isHealthy: true, details: {} }));
    await expect(server.listen(port, '127.0.0.1')).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    other.close();
  });
});

describe('runProcess', () => {
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  it.each(['eighty', '-1', '65536', '3.5'])('refuses the health port %s', async (port) => {
    process.env['PYWORKFLOW_HEALTH_PORT'] = port;
    await expect(runProcess('orchestrator')).rejects.toThrow('PYWORKFLOW_HEALTH_PORT takes a port, or off');
  });

  it('says all that is wrong with the environment at once', async () => {
    Object.assign(process.env, {
      PYWORKFLOW_HEALTH_PORT: 'eighty',
      PYWORKFLOW_APP_MODULE: './no-such.js',
      PYWORKFLOW_LEASE: 'soon',
      PYWORKFLOW_STORAGE: 'postgres',
      PYWORKFLOW_QUEUE: 'bulmq',
    });
    const { message } = (await runProcess('orchestrator').catch((error: unknown) => error)) as Error;
    expect(message.split('\n')).toEqual([
      'Several things are wrong:',
      expect.stringContaining('- PYWORKFLOW_APP_MODULE is "./no-such.js", and there is no file'),
      expect.stringContaining('- PYWORKFLOW_HEALTH_PORT takes a port, or off; it is "eighty".'),
      expect.stringContaining('- The environment variable PYWORKFLOW_LEASE must be a duration'),
      expect.stringContaining("- storage of type 'postgres' has no url"),
      expect.stringContaining('- queue must be '),
    ]);
  });

  it('refuses a module that does not import ours', async () => {
    process.env['PYWORKFLOW_HEALTH_PORT'] = 'off';
    process.env['PYWORKFLOW_APP_MODULE'] = await file('bare.mjs', 'export class AppModule {}');
    await expect(runProcess('step-worker')).rejects.toThrow('does not import PyWorkflowModule.forRoot()');
  });
});
