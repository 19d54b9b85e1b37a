import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The wanted port if it is free, another one if it is not. */
export async function freePort(wanted: number): Promise<number> {
  return (await isFree(wanted)) ?? (await isFree(0))!;
}

async function isFree(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}
