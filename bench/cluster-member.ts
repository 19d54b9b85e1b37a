/** A process of a cluster that is measured: an orchestrator or a step worker. */
import 'reflect-metadata';
import { openApplication } from './application.js';
import type { MemberOptions } from './engines/pyworkflow-cluster.js';
import { RemoteProbe } from './remote-probe.js';

const { storage, ...options } = JSON.parse(process.argv[2]!) as MemberOptions;
const app = await openApplication(storage, new RemoteProbe((message) => process.send?.(message)), options);
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
// Whoever measures is gone.
process.once('disconnect', () => process.exit(1));
process.send?.('up');
