import type { EngineEntry } from './engine.js';
import { openPeer } from './open-peer.js';

/** Other engines, with the versions that are measured. Their code is in peers/, as one of their users would write it. */
export const PEERS: Readonly<Record<string, EngineEntry>> = {
  dbos: peer({
    title: 'DBOS Transact 5.3',
    config: 'DBOS.startWorkflow in the same process; defaults: pool of 10, LISTEN/NOTIFY, no limit of its own',
    needs: ['postgres'],
    packages: { '@dbos-inc/dbos-sdk': '5.3.0' },
    file: 'dbos.mjs',
  }),
  restate: peer({
    title: 'Restate 1.7',
    config: 'single node of the npm binary with its default configuration, endpoint over HTTP/2 in the same process',
    needs: [],
    packages: {
      '@restatedev/restate-sdk': '1.17.2',
      '@restatedev/restate-sdk-clients': '1.17.2',
      '@restatedev/restate-server': '1.7.12',
    },
    file: 'restate.mjs',
  }),
  openworkflow: peer({
    title: 'OpenWorkflow 0.10',
    config:
      'one worker, concurrency 10 as its documentation says; result() polls every second, which cannot be changed',
    needs: ['postgres'],
    packages: { openworkflow: '0.10.1', postgres: '3.4.9' },
    skips: { W8: 'takes an hour at its speed' },
    file: 'openworkflow.mjs',
  }),
};

function peer({ file, ...entry }: Omit<EngineEntry, 'open'> & { readonly file: string }): EngineEntry {
  return { ...entry, open: (context) => openPeer(file, context) };
}
