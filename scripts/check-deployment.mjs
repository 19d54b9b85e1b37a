/**
 * `node scripts/check-deployment.mjs`: holds `compose.yaml` to the schema of the Compose specification, and does what the
 * Dockerfile says in a temporary copy, since a Docker engine is not everywhere. Then the cluster of `compose.yaml` is
 * started from what was built, on real servers: an order is placed and shipped, and processes are stopped meanwhile.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices } from '../test/services/start.mjs';
import { readCompose } from './deployment/compose-file.mjs';
import { Container, killContainers } from './deployment/container.mjs';
import { buildImage } from './deployment/dockerfile.mjs';
import { checkCluster } from './deployment/cluster.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { killEverything } from './package/command.mjs';
import { root } from './run-node.mjs';

const LIMIT_MS = 330_000;
const OURS = ['api', 'orchestrator', 'step-worker'];
const started = Date.now();

ensureInstalled();
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pyworkflow-deployment-')));
process.on('exit', () => {
  killContainers();
  killEverything();
  rmSync(directory, { recursive: true, force: true });
});
setTimeout(() => fail(new Error(`This took more than ${LIMIT_MS / 1000} seconds.`)), LIMIT_MS).unref();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => fail(new Error(`Stopped by ${signal}.`)));

let services;
try {
  const [compose] = await Promise.all([readCompose(join(root, 'compose.yaml'), makeDirectory('schema'))]);
  say('compose.yaml is valid');
  const images = await buildImages(compose);
  say('the images are built');
  services = await startServices();
  await checkCluster({ compose, images, services, start: (...args) => new Container(...args) });
  say('the cluster works');
  await services.stop();
  process.exit(0);
} catch (error) {
  fail(error);
}

async function buildImages({ services: composed }) {
  const context = makeDirectory('context');
  for (const line of readFileSync(join(root, '.dockerignore'), 'utf8').split('\n'))
    if (line.startsWith('!')) cpSync(join(root, line.slice(1)), join(context, line.slice(1)), { recursive: true });
  const built = new Map();
  const images = {};
  for (const name of OURS) {
    const { dockerfile, target } = composed[name].build;
    const image = await buildImage(join(root, dockerfile), target, { context, directory, built });
    if (image.user === 'root') throw new Error(`The image of ${name} runs as root.`);
    images[name] = image;
  }
  return images;
}

function makeDirectory(name) {
  const path = join(directory, name);
  mkdirSync(path);
  return path;
}

function say(what) {
  console.log(`${what} (${Math.round((Date.now() - started) / 1000)} s)`);
}

function fail(error) {
  console.error(`The deployment is not fine: ${error.message}`);
  process.exit(1);
}
