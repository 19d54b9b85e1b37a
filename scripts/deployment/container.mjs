import { spawn } from 'node:child_process';
import { once } from 'node:events';

const live = new Set();

/** A process as a container has it: the command of its image, the environment of its service, and nothing else. */
export class Container {
  output = '';

  constructor(name, image, { command = image.cmd, environment }) {
    this.name = name;
    this.image = image;
    this.environment = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...image.env, ...environment };
    const [file, ...args] = command;
    this.child = spawn(file, args, { cwd: image.cwd, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      live.delete(this);
      return signal ?? code;
    });
    live.add(this);
  }

  /** What Docker calls healthy: the health check of the image ends with 0. */
  async isHealthy() {
    const [file, ...args] = this.image.healthcheck;
    const check = spawn(file, args, { cwd: this.image.cwd, env: this.environment, stdio: 'ignore' });
    const [code] = await once(check, 'close');
    return code === 0;
  }

  async untilHealthy() {
    await until(
      () => this.isHealthy(),
      () => this.describe('did not become healthy'),
      this,
    );
  }

  /** `docker stop`. */
  async stop() {
    this.child.kill('SIGTERM');
    const how = await within(30_000, this.exited, () => this.describe('did not end after SIGTERM'));
    if (how !== 0) throw new Error(this.describe(`ended with ${how} after SIGTERM`));
  }

  describe(fault) {
    return `${this.name} ${fault}. It wrote:\n${this.output}`;
  }
}

export function killContainers() {
  for (const { child } of live) child.kill('SIGKILL');
}

/** Waits until something is so. */
export async function until(isSo, fault, container) {
  for (const deadline = Date.now() + 40_000; !(await isSo());) {
    if (Date.now() > deadline || (container && !live.has(container))) throw new Error(fault());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function within(ms, work, fault) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(fault())), ms)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
