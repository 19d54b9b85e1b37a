import { type INestApplicationContext, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WorkflowStore } from '../../libs/core/index.js';
import { WorkflowEngine } from '../../libs/runtime/index.js';
import { show } from '../checks/show.js';
import { environmentFaults } from '../options/resolve-options.js';
import { within } from '../runtime/within.js';
import { BootLogger } from './boot-logger.js';
import { BootstrapError, bootstrapErrorOf } from './bootstrap.error.js';
import { type Health, HealthServer } from './health-server.js';
import { loadAppModule } from './load-app-module.js';

const DEFAULT_HEALTH_PORT = 3000;
const HEALTH_PORT = 'PYWORKFLOW_HEALTH_PORT';
const HEALTH_HOST = 'PYWORKFLOW_HEALTH_HOST';
/** How long the store may take to answer before it counts as down. */
const HEALTH_TIMEOUT_MS = 3_000;

/** An orchestrator or a step worker that `runProcess` has started. */
export interface RunningProcess {
  readonly app: INestApplicationContext;
  /** Of the health endpoint; undefined if it is off. */
  readonly healthPort: number | undefined;
  /** What SIGTERM does: takes no more work, hands over what is under way, closes. `GET /health` says 503 meanwhile. */
  close(): Promise<void>;
}

/**
 * Runs the application's module as an orchestrator or as a step worker, until it is closed.
 *
 * The module is the one that `PYWORKFLOW_APP_MODULE` names; its `PyWorkflowModule.forRoot()` takes the role from here
 * unless it states one itself, and the rest from its options and from the environment. `GET /health` on
 * `PYWORKFLOW_HEALTH_PORT` (3000 by default, `off` for none) tells how it is.
 *
 * @throws BootstrapError that says what to set
 */
export async function runProcess(role: 'orchestrator' | 'step-worker'): Promise<RunningProcess> {
  const environment = process.env as Record<string, string | undefined>;
  environment['PYWORKFLOW_ROLE'] ??= role;
  const { port, module } = await readEnvironment(environment);
  const app = await NestFactory.createApplicationContext(module, { abortOnError: false, logger: new BootLogger() });
  let isStopping = false;
  const health = new HealthServer(() => look(app, isStopping));
  const close = async (): Promise<void> => {
    isStopping = true;
    try {
      await app.close();
    } finally {
      await health.close();
    }
  };
  try {
    checkRole(app, role);
    const listening =
      port === undefined ? undefined : await health.listen(port, environment[HEALTH_HOST]?.trim() || '0.0.0.0');
    new Logger('PyWorkflow').log(
      `${role} ${engineOf(app).ports.options.owner} is up${listening === undefined ? '' : `, GET /health on port ${listening}`}`,
    );
    return { app, healthPort: listening, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws BootstrapError that has all that is wrong with the variables, be it of this program or of the module's options */
async function readEnvironment(environment: NodeJS.ProcessEnv): Promise<{ port: number | undefined; module: Type }> {
  const [port, module] = await Promise.allSettled([healthPort(), loadAppModule(environment['PYWORKFLOW_APP_MODULE'])]);
  if (port.status === 'fulfilled' && module.status === 'fulfilled') return { port: port.value, module: module.value };
  const errors = [module, port].flatMap((it) => (it.status === 'rejected' ? [it.reason as BootstrapError] : []));
  throw bootstrapErrorOf(errors, environmentFaults(environment));
}

function engineOf(app: INestApplicationContext): WorkflowEngine {
  try {
    return app.get(WorkflowEngine, { strict: false });
  } catch (error) {
    throw new BootstrapError(
      'The module of the application does not import PyWorkflowModule.forRoot(), so there is nothing to run.',
      { cause: error },
    );
  }
}

function checkRole(app: INestApplicationContext, role: string): void {
  const { role: actual } = engineOf(app).ports.options;
  if (actual === role) return;
  throw new BootstrapError(
    `This process is to be the ${role}, and PyWorkflowModule.forRoot() or PYWORKFLOW_ROLE says ${show(actual)}. Leave the role out of both.`,
  );
}

async function look(app: INestApplicationContext, isStopping: boolean): Promise<Health> {
  const { clock, options } = engineOf(app).ports;
  const about = { role: options.role, owner: options.owner };
  if (isStopping) return { isHealthy: false, details: { status: 'stopping', ...about } };
  try {
    await within(HEALTH_TIMEOUT_MS, app.get(WorkflowStore, { strict: false }).due(clock.now(), 1));
    return { isHealthy: true, details: { status: 'up', ...about } };
  } catch (error) {
    const { message } = error as Error;
    return { isHealthy: false, details: { status: 'down', ...about, storage: message } };
  }
}

async function healthPort(): Promise<number | undefined> {
  const text = process.env[HEALTH_PORT]?.trim();
  if (!text) return DEFAULT_HEALTH_PORT;
  if (text === 'off') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new BootstrapError(`${HEALTH_PORT} takes a port, or off; it is ${show(text)}.`);
}
