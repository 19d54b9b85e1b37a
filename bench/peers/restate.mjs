import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:http2';
import { createRequire } from 'node:module';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';

// Its SDK calls what Node.js 20 lacks, and then waits for ever.
Promise.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new this((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

const HOST = '127.0.0.1';

export async function open({ probe, directory }) {
  const [ingress, admin, node, port] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const awakeables = new Map();
  const endpoint = createServer(
    restate.createEndpointHandler({ services: [service(probe, awakeables)], logger: () => {} }),
  );
  endpoint.listen(port, HOST);
  await once(endpoint, 'listening');
  const server = startServer(directory, { ingress, admin, node });
  await register(`http://${HOST}:${admin}/deployments`, `http://${HOST}:${port}`);

  const connection = clients.connect({ url: `http://${HOST}:${ingress}` });
  const call = connection.serviceClient({ name: 'Bench' });
  const send = connection.serviceSendClient({ name: 'Bench' });
  const started = (promise) => {
    promise.catch(() => {}); // whoever asks for the result sees it
    return { result: () => promise };
  };
  return {
    serverPids: [server.pid],
    three: async (start) => started(call.three(start)),
    fanOut: (width) => call.fanOut(width),
    sequential: (steps) => call.sequential(steps),
    async sleeper(index, ms) {
      const idempotencyKey = `sleeper-${index}`;
      const sent = await send.sleeper({ index, ms }, clients.rpc.sendOpts({ idempotencyKey }));
      return { result: () => connection.result(sent) };
    },
    waiter: async (key) => started(call.waiter(key)),
    send: (key, value) => connection.resolveAwakeable(awakeables.get(key), value),
    async close() {
      endpoint.close();
      server.kill('SIGTERM');
      await Promise.race([once(server, 'exit'), delay(5_000)]);
      server.kill('SIGKILL');
    },
  };
}

function service(probe, awakeables) {
  const step = (context, value) => context.run('add', () => probe.step(value));
  return restate.service({
    name: 'Bench',
    handlers: {
      three: async (context, start) => step(context, await step(context, await step(context, start))),
      fanOut: async (context, width) => {
        const steps = Array.from({ length: width }, (_, index) => step(context, index));
        return (await restate.RestatePromise.all(steps)).reduce((sum, value) => sum + value, 0);
      },
      sequential: async (context, steps) => {
        let value = 0;
        while (value < steps) value = await step(context, value);
        return value;
      },
      sleeper: async (context, { index, ms }) => {
        probe.sleeps(index, ms);
        await context.sleep(ms);
        probe.wakes(index);
        return index;
      },
      waiter: (context, key) => {
        const { id, promise } = context.awakeable();
        awakeables.set(key, id);
        probe.waits(key);
        return promise;
      },
    },
  });
}

function startServer(directory, { ingress, admin, node }) {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  const log = openSync(join(directory, 'restate.log'), 'w');
  const server = spawn(require.resolve(`${name}/bin/restate-server`), [], {
    cwd: directory,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      RESTATE_BASE_DIR: join(directory, 'data'),
      RESTATE_NODE_NAME: 'bench',
      RESTATE_CLUSTER_NAME: 'bench',
      RESTATE_LOG_FILTER: 'warn',
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_BIND_ADDRESS: `${HOST}:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://${HOST}:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `${HOST}:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `${HOST}:${admin}`,
    },
  });
  process.on('exit', () => server.kill('SIGKILL'));
  return server;
}

async function register(deployments, uri) {
  const headers = { 'content-type': 'application/json' };
  let last;
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      const response = await fetch(deployments, { method: 'POST', headers, body: JSON.stringify({ uri }) });
      if (response.ok) return;
      last = new Error(`${response.status} ${await response.text()}`);
    } catch (error) {
      last = error; // the server is still starting
    }
    await delay(200);
  }
  throw last;
}

async function freePort() {
  const server = createTcpServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
