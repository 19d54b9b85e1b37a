import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PyWorkflowOptions, StorageOptions } from 'nestjs-pyworkflow';
import { openApplication } from '../application.js';
import type { BenchEngine, EngineContext, EngineEntry } from '../engine.js';
import { isProbeMessage, passOn } from '../remote-probe.js';
import { PyWorkflowEngine, redisStorage } from './pyworkflow.js';

const ROLES = ['orchestrator', 'step-worker', 'step-worker'] as const;

const ABOUT_ONE_PROCESS = 'is about one process';
const shared = {
  config: 'defaults; each in a process of its own',
  skips: { W5M: ABOUT_ONE_PROCESS, W7: ABOUT_ONE_PROCESS, W8: ABOUT_ONE_PROCESS, IDLE: ABOUT_ONE_PROCESS },
};

export const pyworkflowCluster: EngineEntry = {
  ...shared,
  title: 'nestjs-pyworkflow, client, orchestrator and 2 step workers on PostgreSQL and BullMQ',
  needs: ['postgres', 'redis'],
  open: (context) => openCluster(context, { type: 'postgres', url: context.databaseUrl }),
};

export const pyworkflowRedisCluster: EngineEntry = {
  ...shared,
  title: 'nestjs-pyworkflow, client, orchestrator and 2 step workers on Redis and BullMQ',
  needs: ['redis'],
  open: (context) => openCluster(context, redisStorage(context)),
};

/** What a process of a cluster is told. */
export type MemberOptions = Pick<PyWorkflowOptions, 'queue' | 'role'> & { readonly storage: StorageOptions };

async function openCluster(context: EngineContext, storage: StorageOptions): Promise<BenchEngine> {
  const { probe, redisUrl = '', keyPrefix = '' } = context;
  const queue = { type: 'bullmq', url: redisUrl, prefix: `${keyPrefix}queue` } as const;
  const open = () => openApplication(storage, probe, { role: 'client', queue });
  const client = new PyWorkflowEngine([await open()], open, context);
  const members = await Promise.all(ROLES.map((role) => startMember({ storage, queue, role }, context)));
  return {
    nodePids: members.map(({ pid }) => pid!),
    three: (start) => client.three(start),
    fanOut: (width) => client.fanOut(width),
    sequential: (steps) => client.sequential(steps),
    sleeper: (index, ms) => client.sleeper(index, ms),
    waiter: (key) => client.waiter(key),
    send: (key, value) => client.send(key, value),
    async close() {
      await client.close();
      await Promise.all(members.map(stop));
    },
  };
}

async function startMember(options: MemberOptions, { probe }: EngineContext): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../cluster-member.js', import.meta.url));
  const member = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const isUp = once(member, 'message');
  member.on('message', (message) => isProbeMessage(message) && passOn(message, probe));
  const isGone = once(member, 'exit').then(([code, signal]) => {
    throw new Error(`The ${options.role} ended with ${signal ?? code}.`);
  });
  await Promise.race([isUp, isGone]);
  isGone.catch(() => {}); // the measurement tells by itself
  return member;
}

async function stop(member: ChildProcess): Promise<void> {
  if (member.exitCode !== null || member.signalCode !== null) return;
  const end = once(member, 'exit');
  member.kill('SIGTERM');
  await end;
}
