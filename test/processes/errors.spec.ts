import { endPrograms } from './support/program.js';
import { Scene } from './support/scene.js';

interface Seen {
  readonly class: string;
  readonly prototypes: readonly string[];
  readonly message: string;
  readonly fields: readonly (readonly string[])[];
  readonly cause?: Seen;
}

afterAll(async () => {
  await endPrograms();
  await Scene.removeAll();
});

it('gives the workflow the same errors on replay in another process: class, message, code, fields, cause and stack', async () => {
  const scene = await Scene.create();
  const victim = await scene.run('errors', { DIE: '1' });
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const survivor = await scene.run('errors');

  expect(survivor.output).toEqual(['result done']);
  const seen = (pid: number) =>
    scene.ledger.of(pid).flatMap(({ event, step, key }) => (event === 'seen' ? [[step, JSON.parse(key!)]] : []));
  expect(seen(victim.pid)).toHaveLength(6);
  expect(seen(survivor.pid)).toEqual(seen(victim.pid));

  const errors = Object.fromEntries(seen(victim.pid)) as Record<string, Seen>;
  expect(errors['decline']).toMatchObject({
    class: 'CardDeclinedError',
    prototypes: ['CardDeclinedError', 'FatalError', 'WorkflowError'],
    message: 'Card 4000 0000 0000 0002 was declined.',
    code: 'FATAL',
    cause: {
      class: 'BankError',
      message: 'no funds',
      fields: expect.arrayContaining([['bank', 'string', 'Bank of Bern']]),
    },
  });
  expect(errors['decline']!.fields).toEqual(
    expect.arrayContaining([
      ['card', 'string', '4000 0000 0000 0002'],
      ['amount', 'bigint', '1000'],
    ]),
  );
  expect(errors['typeError']).toMatchObject({ class: 'TypeError', message: 'not a function' });
  expect(errors['unregistered']).toMatchObject({ name: 'UnregisteredError', message: 'too far' });
  expect(errors['text']).toEqual({ thrown: 'only a text' });
  expect(errors['late']).toMatchObject({ class: 'WorkflowTimeoutError', code: 'TIMEOUT' });
  expect(errors['hook']).toMatchObject({ class: 'HookExpiredError', code: 'HOOK_EXPIRED' });
}, 40_000);
