import { compileSources } from '../../scripts/compile-sources.mjs';
import { startServices } from './start.mjs';

/** Jest calls this once. Workers inherit the environment, where `index.ts` finds what is provided. */
export default async function globalSetup() {
  await compileSources();
  if (process.env.PYWORKFLOW_NO_SERVICES) return;
  const { stop, ...services } = await startServices();
  globalThis.__stopServices = stop;
  process.env.PYWORKFLOW_TEST_SERVICES = JSON.stringify(services);
  const origin = ({ error, from }) => (error ? `missing (${error})` : from);
  process.stderr.write(`PostgreSQL: ${origin(services.postgres)}. Redis: ${origin(services.redis)}.\n`);
}
