import type { OpenMetricsContentType, Registry } from 'prom-client';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { aBoolean, faultsOf, type Rule, type Rules } from '../checks/rules.js';

/** A registry of prom-client, in either of its text formats. */
export type MetricsRegistry = Registry | Registry<OpenMetricsContentType>;

/** What `PyWorkflowMetricsModule.forRoot` takes. */
export interface PyWorkflowMetricsOptions {
  /** Where a `GET` gives the metrics, such as `/metrics`; false for nowhere. @default false */
  readonly path?: string | false;
  /** Where the metrics are registered. @default prom-client's global `register` */
  readonly registry?: MetricsRegistry;
  /** What the names of the metrics begin with. @default 'pyworkflow_' */
  readonly prefix?: string;
  /** Whether the metrics that prom-client has of every process are registered too: CPU, memory, event loop. @default false */
  readonly defaultMetrics?: boolean;
}

const aPath: Rule = (value) =>
  value === false || (typeof value === 'string' && /^\/[\w./~-]+$/.test(value))
    ? undefined
    : "a path such as '/metrics', or false";
const aPrefix: Rule = (value) =>
  typeof value === 'string' && /^[a-zA-Z_]\w*$/.test(value) ? undefined : "letters, digits and '_', such as 'shop_'";
const aRegistry: Rule = (value) =>
  typeof value === 'object' && value !== null && 'registerMetric' in value ? undefined : 'a Registry of prom-client';

const RULES: Rules = {
  path: aPath,
  registry: aRegistry,
  prefix: aPrefix,
  defaultMetrics: aBoolean,
} satisfies Record<keyof PyWorkflowMetricsOptions, Rule>;

/** @throws PyWorkflowConfigError that lists everything that is wrong */
export function checkMetricsOptions(options: unknown): void {
  const faults = faultsOf('PyWorkflowMetricsModule.forRoot()', options, RULES);
  if (faults.length > 0) throw new PyWorkflowConfigError(faults);
}
