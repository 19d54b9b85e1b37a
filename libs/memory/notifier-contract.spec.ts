import { describeNotifierContract } from '../testing/index.js';
import { InProcessNotifier } from './in-process.notifier.js';

describeNotifierContract('InProcessNotifier', async () => {
  const errors: unknown[] = [];
  const shared = new InProcessNotifier({ onError: (error) => errors.push(error) });
  return { connect: () => shared, errors, cleanup: () => shared.close() };
});
