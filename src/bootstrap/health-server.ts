import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BootstrapError } from './bootstrap.error.js';

export interface Health {
  readonly isHealthy: boolean;
  /** What the answer says, as JSON. */
  readonly details: object;
}

/** Answers `GET /health` with 200 or 503, for whoever watches the process. */
export class HealthServer {
  private readonly server: Server;

  constructor(private readonly look: () => Promise<Health>) {
    this.server = createServer((request, response) => {
      const isKnown =
        request.url?.split('?')[0] === '/health' && (request.method === 'GET' || request.method === 'HEAD');
      void (isKnown ? this.look() : Promise.resolve(undefined)).then((health) => {
        const status = health === undefined ? 404 : health.isHealthy ? 200 : 503;
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
        response.end(JSON.stringify(health?.details ?? { message: 'GET /health is all there is here.' }));
      });
    });
  }

  /** @returns the port that it listens on */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => {
        reject(
          new BootstrapError(
            `The health endpoint cannot listen on ${host}:${port}: ${error.message}. Set PYWORKFLOW_HEALTH_PORT to a free port, or to off.`,
            { cause: error },
          ),
        );
      });
      this.server.listen(port, host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
