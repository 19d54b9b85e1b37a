import { StoreOpenError } from '../core/index.js';
import type { CheckedOptions } from './redis.options.js';

const OLDEST_VERSION = [6, 2] as const;

/**
 * Looks at what `INFO` says, rather than at `CONFIG GET`, which many providers forbid.
 *
 * @throws StoreOpenError if this server cannot keep runs
 */
export function checkServer(info: string, { place, keyPrefix, onWarning }: CheckedOptions): void {
  const facts = new Map(
    info.split('\r\n').map((line): [string, string] => {
      const [name = '', value = ''] = line.split(/:(.*)/s);
      return [name, value];
    }),
  );
  const refuse = (reason: string, advice: string): never => {
    throw new StoreOpenError(place, reason, advice);
  };

  const version = facts.get('redis_version') ?? '';
  if (isTooOld(version)) refuse(`it is Redis ${version}`, `The store needs ${OLDEST_VERSION.join('.')} or later.`);
  if (facts.get('role') === 'slave' && facts.get('slave_read_only') !== '0')
    refuse('it is a replica, which takes no commits', 'Give the address of the primary.');
  // The policies named volatile-* drop only keys that expire, and the store has none.
  const policy = facts.get('maxmemory_policy');
  if (policy?.startsWith('allkeys'))
    refuse(`its maxmemory-policy is ${policy}, which drops runs when memory gets short`, 'Set it to noeviction.');
  if (facts.get('cluster_enabled') === '1' && !/\{[^}]+\}/.test(keyPrefix))
    refuse(`it is a cluster, and the keyPrefix "${keyPrefix}" has no braces`, `Use one such as "{${keyPrefix}}:".`);

  if (policy === undefined)
    onWarning(`${place} does not tell its maxmemory-policy. Make sure that it is noeviction, or it drops runs.`);
  if (facts.get('aof_enabled') !== '1')
    onWarning(
      `${place} keeps no append-only file. If it restarts, runs lose what was committed since its last snapshot. ` +
        'Set "appendonly yes", and "appendfsync always" if not even the last second may be lost.',
    );
}

function isTooOld(version: string): boolean {
  const [major = NaN, minor = NaN] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
