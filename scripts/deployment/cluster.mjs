/** Starts the services of `compose.yaml` as processes, and looks at what a user would. */
import { freePort } from '../../test/services/system.mjs';
import { until } from './container.mjs';

const ORDERS = 20;

export async function checkCluster({ compose, images, services, start }) {
  const up = async (service, name = service) => {
    const port = await freePort();
    const composed = compose.services[service];
    const environment = {
      ...composed.environment,
      PYWORKFLOW_POSTGRES_URL: services.postgres.url,
      PYWORKFLOW_REDIS_URL: services.redis.url,
      PYWORKFLOW_QUEUE_PREFIX: services.redis.keyPrefix,
      PYWORKFLOW_HEALTH_PORT: String(port),
      PORT: String(port),
      EXAMPLE_STEP_MS: '500',
    };
    const container = start(name, images[service], { command: composed.command, environment });
    await container.untilHealthy();
    return Object.assign(container, { port });
  };
  const replicas = compose.services['step-worker'].deploy.replicas;
  const names = Array.from({ length: replicas }, (_, index) => `step-worker ${index + 1}`);
  const [api, orchestrator] = await Promise.all([up('api'), up('orchestrator', 'orchestrator 1')]);
  const [worker, ...workers] = await Promise.all(names.map((name) => up('step-worker', name)));

  await shipped(api, ['first']);
  const orders = Array.from({ length: ORDERS }, (_, index) => `order ${index}`);
  for (const id of orders) await place(api, id);
  const second = await up('orchestrator', 'orchestrator 2');
  await Promise.all([orchestrator.stop(), worker.stop()]);
  const stoppedAt = Date.now();
  await shipped(api, orders);
  const tookMs = Date.now() - stoppedAt;
  if (tookMs > 12_000) throw new Error(`Orders were finished ${tookMs} ms after a stop: they waited for a lease.`);
  for (const each of [api, second, ...workers]) await each.stop();
}

async function place({ port }, id) {
  const response = await fetch(`http://127.0.0.1:${port}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, amount: 42 }),
  });
  if (response.status !== 202)
    throw new Error(`An order was answered with ${response.status}: ${await response.text()}`);
}

async function shipped(api, ids) {
  for (const id of ids) {
    await place(api, id); // once more changes nothing
    let run;
    const isShipped = async () => {
      run = await (await fetch(`http://127.0.0.1:${api.port}/orders/${encodeURIComponent(id)}`)).json();
      return run.status === 'completed';
    };
    await until(isShipped, () => api.describe(`did not ship ${id}: ${JSON.stringify(run)}`), api);
    if (run.output.length !== 3) throw new Error(`Order ${id} has ${run.output.length} steps instead of 3.`);
  }
}
