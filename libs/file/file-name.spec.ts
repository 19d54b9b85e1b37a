import { fileName } from './file-name.js';

describe('the name of the file of a run', () => {
  it('is its id, if that is made of letters, digits and dashes', () => {
    expect(fileName('3f2a-order_7')).toBe('3f2a-order_7.jsonl');
  });

  it.each(['../../etc/passwd', '/etc/passwd', '..', '.', '', 'a/b', 'a\\b', 'C:x', 'a\0b', 'con', '%2e', 'LIVE.jsonl'])(
    'leads nowhere else for %j',
    (id) => {
      expect(fileName(id)).toMatch(/^(?!con\.)[a-z0-9%~_-]+\.jsonl$/);
    },
  );

  it('is its own for every id, also where case and forms of Unicode are one', () => {
    const long = 'x'.repeat(300);
    const ids = [
      'a',
      'A',
      '%41',
      '%',
      '%25',
      'é',
      'e\u0301',
      '\ud800',
      '\ud801',
      '🦄',
      'ß',
      'SS',
      `${long}a`,
      `${long}A`,
    ];
    const names = ids.map((id) => fileName(id).toLowerCase().normalize());
    expect(new Set(names).size).toBe(ids.length);
    for (const name of names) expect(name.length).toBeLessThan(220);
  });
});
