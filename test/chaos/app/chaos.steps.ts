import { Injectable } from '@nestjs/common';
import { FatalError, getCurrentContext, Step, type StepContext } from 'nestjs-pyworkflow';
import { Ledger } from '../../processes/support/ledger.js';
import { watched } from '../../processes/support/watched.js';
import { add } from './job.js';

const ledger = new Ledger(process.env['LEDGER'] ?? '/dev/null');
const LONG_MS = Number(process.env['CHAOS_LONG_MS'] ?? 5_000);

/** Steps that tell the ledger what they do. A loss of their process is no reason to give up. */
@Injectable()
export class ChaosSteps {
  @Step({ name: 'add' })
  add(value: number, by: number): Promise<number> {
    return watched(ledger, async () => {
      await pause(value % 5 === 0 ? 150 : value % 30);
      return add(value, by);
    });
  }

  /** Fails as often as it is told, then adds that. */
  @Step({ name: 'flaky', maxRetries: 5, retryDelay: '100ms' })
  flaky(value: number, failures: number): Promise<number> {
    return watched(ledger, async () => {
      const { attempt } = getCurrentContext() as StepContext;
      if (attempt <= failures) throw new Error(`attempt ${attempt} fails`);
      return value + failures;
    });
  }

  @Step({ name: 'refuse' })
  refuse(n: number): Promise<never> {
    return watched(ledger, () => Promise.reject(new FatalError(`refused ${n}`)));
  }

  /** Lasts for several leases. */
  @Step({ name: 'long' })
  long(n: number): Promise<number> {
    return watched(ledger, async () => {
      await pause(LONG_MS);
      return add(n, 1);
    });
  }

  /** Ends its process, unless that was mended. */
  @Step({ name: 'deadly' })
  deadly(n: number): Promise<number> {
    return watched(ledger, async () => {
      if (!process.env['CHAOS_MENDED']) process.kill(process.pid, 'SIGKILL');
      return add(n, 1);
    });
  }
}

/** What a deploy brings. */
@Injectable()
export class NovelSteps {
  @Step({ name: 'novel' })
  novel(n: number): Promise<number> {
    return watched(ledger, async () => add(n, 1));
  }
}

/** Waits, unless the attempt is told to stop. */
function pause(ms: number): Promise<void> {
  const { signal } = getCurrentContext() as StepContext;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
