import { setImmediate } from 'node:timers';
import type { Redis } from 'ioredis';

/**
 * Lets what is sent on a connection in one turn of the event loop travel in one system call.
 *
 * ioredis writes each command to its socket by itself, and BullMQ sends several for each job: in a step worker, these
 * calls were the largest part of its time.
 */
export function gatherWrites(client: Redis): void {
  const send = client.sendCommand.bind(client);
  let gathering: Redis['stream'] | undefined;
  client.sendCommand = (...args) => {
    const { stream } = client as { readonly stream?: Redis['stream'] }; // none before it connects
    if (stream && stream !== gathering) {
      gathering = stream;
      stream.cork();
      setImmediate(() => {
        if (gathering === stream) gathering = undefined;
        stream.uncork();
      });
    }
    return send(...args);
  };
}
