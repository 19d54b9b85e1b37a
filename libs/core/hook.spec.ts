import {
  brief,
  commandsAfter,
  completed,
  completedRun,
  conflicted,
  expired,
  fired,
  history,
  hookCreated,
  received,
  scheduled,
  started,
  TestRun,
  type TestWorkflow,
} from './core.spec-helpers.js';
import { HookConflictError, HookExpiredError, InvalidInputError } from './errors.js';

const closed = (id: string) => ({ type: 'hook.closed', id }) as const;

describe('a hook', () => {
  test('is created with a token that depends on its id', async () => {
    const run = await TestRun.start((run) => run.hook('approval', {}));
    expect(run.transcript).toEqual([
      { type: 'hook.created', id: 'approval#1', attributes: { token: 'token of approval#1' } },
    ]);
  });

  test('knows its id and its token at once', async () => {
    const run = await TestRun.start((run) => {
      const hook = run.hook('approval', { token: 'mine' });
      return [hook.id, hook.token, hook.multiple];
    });
    expect(run.result).toEqual(['approval#1', 'mine', false]);
  });

  test('has a URL if there is an address to append its token to', async () => {
    const options = { hookBaseUrl: 'https://shop.example/hooks' };
    const run = await TestRun.start((run) => run.hook('approval', { token: 'mine' }).url, options);
    expect(run.result).toBe('https://shop.example/hooks/mine');
    const refused = await TestRun.start((run) => run.hook('approval', {}).url);
    expect(refused.transcript).toMatchObject([{ type: 'hook.created' }, { type: 'workflow.failed' }]);
  });

  test('is created with a token of its own choice, its expiry and its kind', async () => {
    const options = { token: 'mine', timeoutMs: 50, multiple: true, defined: true };
    const run = await TestRun.start((run) => run.hook('h', options), { startedAt: 1_000 });
    expect(run.transcript).toEqual([
      {
        type: 'hook.created',
        id: 'h#1',
        attributes: { token: 'mine', expiresAt: 1_050, multiple: true, defined: true },
      },
    ]);
  });

  test('expires at once if it is given no time', async () => {
    const run = await TestRun.start((run) => run.hook('h', { timeoutMs: 0 }));
    expect(run.transcript).toEqual([hookCreated('h#1', { expiresAt: 0 })]);
  });
});

describe('a hook of one payload', () => {
  test('gives it to every await', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', {});
      return [await hook, await hook, hook.multiple];
    });
    expect(await run.activate(received('h#1', 'yes'))).toEqual([
      received('h#1', 'yes'),
      completedRun(['yes', 'yes', false]),
    ]);
  });

  test('keeps what comes before it is awaited', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', {});
      await run.step('a', []);
      return hook;
    });
    await run.activate(received('h#1', 'early'));
    await run.activate(completed('a#1'));
    expect(run.result).toBe('early');
  });

  test('takes one payload', async () => {
    const run = await TestRun.start(async (run) => [await run.hook('h', {}), await run.step('a', [])]);
    const second = received('h#1', 'two');
    expect(await run.activate(received('h#1', 'one'), second)).toEqual([received('h#1', 'one'), scheduled('a#1')]);
  });

  test('is awaited like any promise', async () => {
    const finals: string[] = [];
    const run = await TestRun.start((run) => {
      const good = run.hook('good', {});
      const bad = run.hook('bad', {});
      return Promise.all([
        good.then((value) => `got ${String(value)}`),
        good.finally(() => finals.push('good')),
        bad.catch((error: unknown) => (error as Error).name),
        bad.then(null, () => 'refused'),
        bad.finally(() => finals.push('bad')).catch(() => 'passed on'),
      ]);
    });
    await run.activate(received('good#1', 1), expired('bad#1'));
    expect(run.result).toEqual(['got 1', 1, 'HookExpiredError', 'refused', 'passed on']);
    expect(finals).toEqual(['good', 'bad']);
  });

  test('rejects when it expires, naming the hook', async () => {
    let reason: unknown;
    const run = await TestRun.start((run) => run.hook('h', { timeoutMs: 5 }).catch((error) => (reason = error)));
    await run.activate(expired('h#1'));
    expect(reason).toBeInstanceOf(HookExpiredError);
    expect(reason).toMatchObject({ code: 'HOOK_EXPIRED', hookId: 'h#1' });
  });

  test('rejects when its token is in use, naming the hook', async () => {
    let reason: unknown;
    const run = await TestRun.start((run) => run.hook('h', { token: 'mine' }).catch((error) => (reason = error)));
    await run.activate(conflicted('h#1'));
    expect(reason).toBeInstanceOf(HookConflictError);
    expect(reason).toMatchObject({ code: 'HOOK_CONFLICT', hookId: 'h#1' });
  });

  test('ends no process if it expires before it is awaited', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { timeoutMs: 5 });
      await run.step('a', []);
      return hook.catch(() => 'expired');
    });
    await run.activate(expired('h#1'));
    await run.activate(completed('a#1'));
    expect(run.result).toBe('expired');
  });

  test('that was received does not expire, and the other way round', async () => {
    const workflow: TestWorkflow = (run) => run.hook('h', {}).then(() => run.step('a', []));
    const used = await TestRun.start(workflow);
    await used.activate(received('h#1', 1));
    expect(await used.activate(expired('h#1'))).toEqual([]);
    const late = await TestRun.start((run) => run.hook('h', {}).catch(() => run.step('a', [])));
    await late.activate(expired('h#1'));
    expect(await late.activate(received('h#1', 1))).toEqual([]);
  });

  test('cannot be iterated, and says what to do instead', async () => {
    const run = await TestRun.start(async (run) => {
      for await (const value of run.hook('h', {})) void value;
    });
    expect(run.transcript.map(brief)).toEqual(['hook.created h#1', 'workflow.failed']);
    expect(run.result).toMatchObject({ name: InvalidInputError.name });
    expect((run.result as Error).message).toMatch(/"h#1".*await it.*\{ multiple: true \}/);
  });

  test('can be closed, and takes no payload then', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', {});
      hook.close();
      hook.close();
      await run.step('a', []);
    });
    expect(run.transcript.map(brief)).toEqual(['hook.created h#1', 'hook.closed h#1', 'step.scheduled a#1']);
    expect(await run.activate(received('h#1', 1))).toEqual([]);
  });

  test('is not closed once it has been received', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', {});
      await hook;
      hook.close();
      return hook;
    });
    expect(await run.activate(received('h#1', 1))).toEqual([received('h#1', 1), completedRun(1)]);
  });
});

describe('a hook of many payloads', () => {
  const MANY = { multiple: true } as const;
  const collect: TestWorkflow = async (run) => {
    const seen: unknown[] = [];
    for await (const value of run.hook('h', MANY)) {
      if (value === 'stop') break;
      seen.push(value);
    }
    return seen;
  };

  test('is iterated in the order of its deliveries', async () => {
    const run = await TestRun.start(collect);
    await run.activate(received('h#1', 1), received('h#1', 2));
    await run.activate(received('h#1', 3));
    await run.activate(received('h#1', 'stop'));
    expect(run.result).toEqual([1, 2, 3]);
  });

  test('is closed when its loop is left', async () => {
    const run = await TestRun.start(collect);
    expect(await run.activate(received('h#1', 'stop'))).toEqual([
      received('h#1', 'stop'),
      closed('h#1'),
      completedRun([]),
    ]);
  });

  test('stays open for the next payload', async () => {
    const run = await TestRun.start(collect);
    await run.activate(received('h#1', 1));
    expect(run.execution.isParked).toBe(true);
    expect([...run.state.hooks.values()].map(({ id }) => id)).toEqual(['h#1']);
  });

  test('is replayed', async () => {
    const recorded = [hookCreated('h#1', MANY), received('h#1', 1), received('h#1', 2)];
    expect(await commandsAfter(collect, recorded)).toEqual([]);
    const stop = [received('h#1', 'stop'), closed('h#1')];
    expect(await commandsAfter(collect, [...recorded, ...stop])).toEqual([completedRun([1, 2])]);
  });

  test('keeps what comes before it is taken', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      await run.step('a', []);
      return [await hook, await hook];
    });
    await run.activate(received('h#1', 1), received('h#1', 2));
    await run.activate(completed('a#1'));
    expect(run.result).toEqual([1, 2]);
  });

  test('gives each payload to one taker, first come first served', async () => {
    const run = await TestRun.start((run) => {
      const hook = run.hook('h', MANY);
      return Promise.all([hook.then((value) => value), hook.finally(() => {}), hook]);
    });
    await run.activate(received('h#1', 1), received('h#1', 2), received('h#1', 3));
    expect(run.result).toEqual([1, 2, 3]);
  });

  test('ends its loops when it is closed, after what has been delivered', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      await run.step('a', []);
      hook.close();
      const seen: unknown[] = [];
      for await (const value of hook) seen.push(value);
      return seen;
    });
    await run.activate(received('h#1', 1), received('h#1', 2), completed('a#1'));
    expect(run.result).toEqual([1, 2]);
  });

  test('ends a loop that waits when another branch closes it', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      const branch = async (): Promise<string> => {
        for await (const value of hook) void value;
        return 'ended';
      };
      const [ended] = await Promise.all([branch(), run.step('a', []).then(() => hook.close())]);
      return ended;
    });
    expect(await run.activate(completed('a#1'))).toEqual([completed('a#1'), closed('h#1'), completedRun('ended')]);
  });

  test('rejects an await when it is closed', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      hook.close();
      await hook;
    });
    expect((run.result as Error).message).toBe('Hook "h#1" is closed.');
  });

  test('fails its loops when it expires, after what has been delivered', async () => {
    const seen: unknown[] = [];
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { ...MANY, timeoutMs: 5 });
      await run.step('a', []);
      for await (const value of hook) seen.push(value);
    });
    await run.activate(received('h#1', 1), expired('h#1'), completed('a#1'));
    expect(seen).toEqual([1]);
    expect(run.result).toMatchObject({ name: 'HookExpiredError' });
  });

  test('fails a loop that waits when its token is in use', async () => {
    const run = await TestRun.start(collect);
    await run.activate(conflicted('h#1'));
    expect(run.result).toMatchObject({ name: 'HookConflictError' });
    expect(run.transcript.map(brief)).toEqual(['hook.created h#1', 'hook.conflicted h#1', 'workflow.failed']);
  });

  test('ends no process if it expires while nobody listens', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      const taken = hook[Symbol.asyncIterator]().next();
      await run.step('a', []);
      return taken.catch(() => hook.then(null, () => 'twice refused'));
    });
    await run.activate(expired('h#1'));
    await run.activate(completed('a#1'));
    expect(run.result).toBe('twice refused');
  });

  test('is not closed once it has expired', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      await hook.catch(() => {});
      hook.close();
    });
    expect(await run.activate(expired('h#1'))).toEqual([expired('h#1'), completedRun()]);
  });

  test('takes nothing once it has expired', async () => {
    const run = await TestRun.start(async (run) => {
      await run.hook('h', MANY).catch(() => {});
      await run.step('a', []);
    });
    await run.activate(expired('h#1'));
    expect(await run.activate(received('h#1', 1), expired('h#1'))).toEqual([]);
  });

  test('loses a race against a timer and goes on with the next', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', MANY);
      const first = await Promise.race([hook, run.sleepUntil(5).then(() => 'timer')]);
      return [first, await hook];
    });
    await run.activate(fired('sleep#1'), received('h#1', 'for the racer'), received('h#1', 'for the await'));
    expect(run.result).toEqual(['timer', 'for the await']);
  });
});

test('two hooks of one name are two hooks', async () => {
  const run = await TestRun.start((run) => Promise.all([run.hook('h', {}), run.hook('h', {})]));
  await run.activate(received('h#2', 'two'), received('h#1', 'one'));
  expect(run.result).toEqual(['one', 'two']);
});

test('a hook that is not awaited when the run ends is gone', async () => {
  const run = await TestRun.start((run) => void run.hook('h', {}));
  expect(run.state.hooks.size).toBe(0);
  expect(await run.activate(received('h#1', 1))).toEqual([]);
});

test('a payload that a hook was given is replayed as it was given', async () => {
  const events = history([started(), hookCreated('h#1'), received('h#1', { ok: true })]);
  const run = await TestRun.replay((run) => run.hook('h', {}), events);
  expect(await run.activate()).toEqual([completedRun({ ok: true })]);
});
