import { IsInt } from 'class-validator';
import { InvalidInputError } from '../../libs/core/index.js';
import { faultsAtBoot } from '../discovery/boot.spec-helpers.js';
import { hmacSignature } from '../webhooks/signatures/hmac.signature.js';
import { defineHook } from './hook-definition.js';
import { hookFaults } from './hook-faults.js';

class CountDto {
  @IsInt() count!: number;
}

class Bare {
  text = '';
}

const again = () => defineHook('again', CountDto);

describe('what is wrong with definitions of hooks', () => {
  it('is nothing for a file that is loaded again', () => {
    const [first, second] = [again(), again()];
    expect(second).not.toBe(first);
    expect(hookFaults([second])).toEqual([]);
  });

  it('is listed when the application starts, all in one error', async () => {
    again();
    defineHook('twice');
    defineHook('twice', CountDto);
    defineHook('a#b');
    defineHook(5 as unknown as string);
    defineHook('bare', Bare);
    defineHook('options', null as never);
    defineHook('typo', { mutliple: true, timeout: 'soon', verify: 'me', deliveryId: 'not a header' } as never);
    defineHook('secretless', { verify: hmacSignature({ secret: undefined, header: 'x-signature' }) });
    defineHook('answer', { response: { status: 1_000, headers: { 'x-bad': 'line\nbreak' } } });
    defineHook('circular', undefined as never, {});
    defineHook('circular too', undefined as never);
    defineHook('swapped', {} as never, CountDto as never);
    defineHook('text', 'CountDto' as never);
    const faults = await faultsAtBoot({});
    const places = faults.map((fault) => fault.replaceAll(/[^\s(]*hook-definition\.spec\.ts:\d+:\d+/g, 'HERE'));
    expect(places).toEqual([
      expect.stringMatching(/^The name of a hook must be a text .*; it is "a#b" \(HERE\)\.$/),
      expect.stringMatching(/^The name of a hook must be a text .*; it is 5 \(HERE\)\.$/),
      'hook "options" must be an object with options; it is null.',
      'hook "typo": there is no option "mutliple". Did you mean "multiple"?',
      `hook "typo": timeout must be a duration such as '30s' or '1h30m'; it is "soon".`,
      'hook "typo": verify must be a signature such as githubSignature({ secret }), or a function; it is "me".',
      'hook "typo": deliveryId must be the name of a header, or a function; it is "not a header".',
      'hook "secretless": hmacSignature() takes a secret, or secrets while one replaces the other; neither is given. Is an environment variable not set?',
      'The response of hook "answer": status must be a whole number from 200 to 599; it is 1000.',
      `The response of hook "answer": headers must be an object of texts by header name, such as { 'x-trace': 'abc' }; it is an object.`,
      'The class of hook "circular" is undefined where the hook is defined, at HERE: two files import each other. Give the class a file of its own.',
      'The class of hook "circular too" is undefined where the hook is defined, at HERE: two files import each other. Give the class a file of its own.',
      'hook "swapped" must be an object with options; it is the function CountDto.',
      'hook "swapped" must be defined with a class; it is an object.',
      'hook "text" must be defined with a class; it is "CountDto".',
      'Hooks named "twice" are defined 2 times, at HERE and at HERE. Give each a name of its own: defineHook(name).',
      'hook "bare" names Bare for its payload, which has no class-validator decorators: decorate its fields.',
    ]);
  });

  it('opens no hook outside of a workflow', () => {
    expect(() => defineHook('outside').create()).toThrow('outside a workflow');
  });

  it.each<[unknown, string]>([
    [null, 'create() of hook "created" must be an object with options; it is null.'],
    [{ timeOut: '1d' }, 'create() of hook "created": there is no option "timeOut". Did you mean "timeout"?'],
    [{ token: 5 }, 'create() of hook "created": token must be a text; it is 5.'],
  ])('opens none with the options %p', (options, message) => {
    const create = (): unknown => defineHook('created').create(options as never);
    expect(create).toThrow(InvalidInputError);
    expect(create).toThrow(message);
  });
});
