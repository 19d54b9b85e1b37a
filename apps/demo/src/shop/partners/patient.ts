import type { StepOptions } from 'nestjs-pyworkflow';

/** How steps call partners that fail now and then: eleven times at most, within some seconds. */
export const PATIENT: StepOptions = {
  maxRetries: 10,
  backoff: { initialInterval: '100ms', maximumInterval: '1s' },
  timeout: '5s',
};
