import { InvalidInputError } from '../core/index.js';

/** What `RedisStore` takes. */
export interface RedisStoreOptions {
  /** Such as `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /**
   * What the store's keys begin with: stores with different prefixes share a server without seeing each other. On a
   * cluster it needs braces, which keep the keys of a store on one node.
   *
   * @default '{pyworkflow}:'
   */
  readonly keyPrefix?: string;
  /**
   * For how many milliseconds a call goes on trying while Redis cannot be reached or cannot write, before it fails with
   * `StoreUnavailableError`.
   *
   * @default 5000
   */
  readonly retryForMs?: number;
  /** Whether processes tell each other at once what has happened, by publish and subscribe on one more connection. @default true */
  readonly listen?: boolean;
  /** Told at `open` when Redis may lose what was committed. @default process.emitWarning, once */
  readonly onWarning?: (message: string) => void;
}

/** Complete, with defaults. */
export type CheckedOptions = Required<RedisStoreOptions> & {
  /** The server, without its password, for messages. */
  readonly place: string;
};

const DEFAULTS = {
  keyPrefix: '{pyworkflow}:',
  retryForMs: 5_000,
  listen: true,
  onWarning: warnOnce,
};

const warnings = new Set<string>();

/** Stores that are opened one after another say the same. */
function warnOnce(message: string): void {
  if (warnings.has(message)) return;
  warnings.add(message);
  process.emitWarning(message);
}

/** @throws InvalidInputError if the options cannot be used. */
export function checkOptions(given: RedisStoreOptions): CheckedOptions {
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options = { ...DEFAULTS, ...(stated as unknown as RedisStoreOptions) };
  const { url, keyPrefix, retryForMs } = options;
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    // Not the URL itself: it has a password in it.
    throw new InvalidInputError(
      'The "url" of the workflow store is no Redis URL. Pass one such as redis://user:password@host:6379/0.',
    );
  }
  // eslint-disable-next-line no-control-regex
  if (typeof keyPrefix !== 'string' || keyPrefix === '' || !/^[\x20-\x7e]+$/.test(keyPrefix)) {
    throw new InvalidInputError(
      'The "keyPrefix" of the workflow store is empty or unusable. Use letters, or leave it out.',
    );
  }
  if (!Number.isInteger(retryForMs) || retryForMs < 0) {
    throw new InvalidInputError(`"retryForMs" is ${String(retryForMs)}. Use a whole number, 0 or more.`);
  }
  return { ...options, place: placeOf(new URL(url)) };
}

function placeOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
