import { createRequire } from 'node:module';

const WHAT = {
  orchestrator: 'Runs the workflows of an application, and hands their steps to step workers.',
  'step-worker': 'Runs the steps of an application, which orchestrators hand to it.',
} as const;

/** What a program answers to its arguments instead of running; undefined if it is to run. */
export interface Answer {
  readonly text: string;
  readonly exitCode: number;
}

/** Everything is set in the environment, so the arguments only ask. */
export function answerTo(args: readonly string[], role: keyof typeof WHAT): Answer | undefined {
  if (args.length === 0) return undefined;
  if (args.includes('--help') || args.includes('-h')) return { text: usage(role), exitCode: 0 };
  if (args.includes('--version') || args.includes('-v')) return { text: version(), exitCode: 0 };
  const text = `pyworkflow-${role} takes no argument such as "${args[0]}": everything is set in the environment.`;
  return { text: `${text}\n\n${usage(role)}`, exitCode: 1 };
}

function usage(role: keyof typeof WHAT): string {
  return `Usage: pyworkflow-${role} [--help | --version]

${WHAT[role]}
It goes on until SIGTERM or SIGINT comes; then it hands its work over and ends with 0.
It ends with 1, and says why, if it cannot run as it is configured.

Environment:
  PYWORKFLOW_APP_MODULE    the compiled file of the application's module, such as ./dist/app.module.js,
                           or ./dist/app.module.js#AppModule if the file exports several classes
  PYWORKFLOW_POSTGRES_URL  the database that all processes share
  PYWORKFLOW_QUEUE         bullmq
  PYWORKFLOW_REDIS_URL     such as redis://redis:6379
  PYWORKFLOW_HEALTH_PORT   where GET /health answers, 3000 unless it is set; off for nowhere

The deployment guide, docs/deployment.md in the package, has the others.`;
}

function version(): string {
  const { version: own } = createRequire(import.meta.url)('nestjs-pyworkflow/package.json') as { version: string };
  return own;
}
