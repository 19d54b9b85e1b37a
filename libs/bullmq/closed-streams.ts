import type { Redis } from 'ioredis';

/**
 * Lets a process end that has let go of a connection whose server is away.
 *
 * ioredis gives the stream of a connection two seconds to close, and does not see that it has closed before: nothing
 * would end that wait, which keeps the process alive.
 */
export function waitForNoClosedStream(client: Redis): void {
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect) => {
    disconnect(reconnect);
    const { stream } = client as { readonly stream?: Redis['stream'] }; // none before it connects
    if (stream?.closed) stream.emit('close');
  };
}
