import { checkServer } from './check-server.js';
import { checkOptions } from './redis.options.js';

const GOOD = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1', cluster_enabled: '0' };

function warningsOf(facts: Readonly<Record<string, string>>, keyPrefix = 'flows:'): readonly string[] {
  const warnings: string[] = [];
  const options = checkOptions({
    url: 'redis://ada:secret@host:1/2',
    keyPrefix,
    onWarning: (message) => warnings.push(message),
  });
  const lines = Object.entries(facts).map(([name, value]) => `${name}:${value}`);
  checkServer(['# Server', ...lines, ''].join('\r\n'), options);
  return warnings;
}

describe('a server', () => {
  it('that keeps what it is given needs no words', () => {
    expect(warningsOf(GOOD)).toEqual([]);
    expect(warningsOf({ ...GOOD, redis_version: '6.2.0', maxmemory_policy: 'volatile-lru' })).toEqual([]);
    expect(warningsOf({ ...GOOD, cluster_enabled: '1' }, 'x{flows}:')).toEqual([]);
  });

  it.each([
    [{ redis_version: '6.0.16' }, /it is Redis 6.0.16. The store needs 6.2 or later/],
    [
      { role: 'slave', slave_read_only: '1' },
      /it is a replica, which takes no commits. Give the address of the primary/,
    ],
    [{ maxmemory_policy: 'allkeys-random' }, /its maxmemory-policy is allkeys-random/],
    [
      { cluster_enabled: '1' },
      /it is a cluster, and the keyPrefix "flows:" has no braces. Use one such as "{flows:}:"/,
    ],
  ])('with %p is refused', (facts, message) => {
    expect(() => warningsOf({ ...GOOD, ...facts })).toThrow(message);
    expect(() => warningsOf({ ...GOOD, ...facts })).not.toThrow(/secret/);
  });

  it('that may lose what it is given is warned about', () => {
    expect(warningsOf({ ...GOOD, aof_enabled: '0' })).toEqual([
      expect.stringMatching(/^redis:\/\/host:1\/2 keeps no append-only file. If it restarts, runs lose what/),
    ]);
  });

  it('that does not tell its policy is warned about', () => {
    expect(warningsOf({ redis_version: '7.0.0' })).toEqual([
      expect.stringContaining('does not tell its maxmemory-policy'),
      expect.stringContaining('keeps no append-only file'),
    ]);
  });
});
