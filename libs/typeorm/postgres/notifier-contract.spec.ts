import { createPostgresDatabase, Network } from '../../../test/services/index.js';
import type { Notifier } from '../../core/index.js';
import { describeNotifierContract } from '../../testing/index.js';
import { TypeOrmStore } from '../typeorm.store.js';
import { Observer } from './postgres.spec-helpers.js';

const CHANNEL = 'pyworkflow:public';

let url: string;

beforeAll(async () => {
  url = await createPostgresDatabase();
});

describeNotifierContract('PostgresNotifier', async () => {
  const errors: unknown[] = [];
  const notifiers: Notifier[] = [];
  const [network, observer] = [await Network.to(url), await Observer.connect(url)];
  const store = new TypeOrmStore({ type: 'postgres', url: network.url, poolSize: 2 });
  await store.open();
  const connect = (): Notifier => {
    const notifier = store.notifier({ patienceMs: 500, onError: (error) => errors.push(error) })!;
    notifiers.push(notifier);
    return notifier;
  };
  return {
    connect,
    errors,
    channel: {
      overhear: () => observer.overhear(CHANNEL),
      inject: async (text) => void (await observer.query('SELECT pg_notify($1, $2)', [CHANNEL, text])),
      cut: async () => void (await observer.terminate()),
      outOfReach: async () => {
        const goUp = await network.goDown();
        return {
          notifier: connect(),
          comeBack: async () => {
            await goUp();
            const other = connect();
            await other.open();
            return other;
          },
        };
      },
    },
    cleanup: async () => {
      await Promise.all(notifiers.map((notifier) => notifier.close()));
      await store.close();
      await Promise.all([network.end(), observer.end()]);
    },
  };
});
