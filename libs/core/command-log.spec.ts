import { CommandLog, describeCommand } from './command-log.js';
import {
  completed,
  completedRun,
  failedRun,
  history,
  hookCreated,
  scheduled,
  stepCancelled,
  timer,
  taken,
} from './core.spec-helpers.js';
import type { Command, CommandEvent, EventDraft } from './history-event.js';

const command = (draft: EventDraft): Command => draft as Command;
const MATCHED = { type: 'matched' };
const MISSING = { type: 'missing' };
const recorded = (draft: EventDraft): CommandEvent => history([draft])[0] as CommandEvent;

describe('L1: an id is a name and its occurrence', () => {
  test('so calls of one name are counted', () => {
    const log = new CommandLog({});
    expect([1, 2, 3].map(() => log.nextId('step', 'charge'))).toEqual(['charge#1', 'charge#2', 'charge#3']);
  });

  test('so calls of other names are not counted', () => {
    const log = new CommandLog({});
    expect(['a', 'b', 'a', 'b'].map((name) => log.nextId('step', name))).toEqual(['a#1', 'b#1', 'a#2', 'b#2']);
  });

  test('so a step and a hook of one name do not shift each other', () => {
    const log = new CommandLog({});
    expect([log.nextId('step', 'approval'), log.nextId('hook', 'approval')]).toEqual(['approval#1', 'approval#1']);
  });

  test('so no two calls share an id, whatever they are called', () => {
    const log = new CommandLog({});
    const names = ['a', 'a#1', 'a', '', '#1', '__proto__', 'constructor', 'a b', 'a', 'a#1'];
    const ids = names.map((name) => log.nextId('step', name));
    expect(new Set(ids).size).toBe(names.length);
  });
});

describe('L2: while the run is replayed, a command waits to be matched', () => {
  test('and one that the history holds is not issued again', () => {
    const log = new CommandLog({});
    log.issue(command(scheduled('a#1')));
    expect(log.match(recorded(scheduled('a#1')))).toEqual(MATCHED);
    log.endReplay();
    expect(taken(log)).toEqual([]);
  });

  test('and what is left at the end is new, in the order in which it was asked for', () => {
    const log = new CommandLog({});
    for (const id of ['c#1', 'a#1', 'b#1']) log.issue(command(scheduled(id)));
    log.match(recorded(scheduled('a#1')));
    expect(taken(log)).toEqual([]);
    log.endReplay();
    expect(taken(log)).toEqual([scheduled('c#1'), scheduled('b#1')]);
  });

  test('and it is matched once', () => {
    const log = new CommandLog({});
    log.issue(command(scheduled('a#1')));
    log.match(recorded(scheduled('a#1')));
    expect(log.match(recorded(scheduled('a#1')))).toEqual(MISSING);
  });

  test('and kind and name are compared', () => {
    const log = new CommandLog({});
    log.issue(command(scheduled('sleep#1')));
    expect(log.match(recorded(timer('sleep#1', 10)))).toEqual(MISSING);
    expect(log.match(recorded(stepCancelled('sleep#1')))).toEqual(MISSING);
    expect(log.match(recorded(scheduled('sleep#2')))).toEqual(MISSING);
    expect(log.match(recorded(scheduled('sleep#1')))).toEqual(MATCHED);
  });

  test('and it is known to be unmatched until the history reaches it', () => {
    const log = new CommandLog({});
    log.issue(command(scheduled('a#1')));
    expect(log.isUnmatched('step.scheduled', 'a#1')).toBe(true);
    expect(log.isUnmatched('hook.created', 'a#1')).toBe(false);
    log.match(recorded(scheduled('a#1')));
    expect(log.isUnmatched('step.scheduled', 'a#1')).toBe(false);
  });
});

describe('a changed argument', () => {
  function logOf(...issued: EventDraft[]): CommandLog {
    const log = new CommandLog({});
    for (const draft of issued) log.issue(command(draft));
    return log;
  }

  test('of a step or a timer is not a match by itself', () => {
    const log = logOf(scheduled('a#1', 'new'), timer('sleep#1', 1));
    expect(log.match(recorded(scheduled('a#1', 'old')))).toEqual({ type: 'changed' });
    expect(log.match(recorded(timer('sleep#1', 2)))).toEqual({ type: 'changed' });
    log.endReplay();
    expect(taken(log)).toHaveLength(2);
  });

  test('is told by the id of its command, once it is accepted', () => {
    const ids: string[] = [];
    const log = new CommandLog({ onChangedInput: (id) => ids.push(id) });
    log.issue(command(scheduled('a#1', 'new')));
    log.acceptChanged(recorded(scheduled('a#1', 'old')));
    expect(ids).toEqual(['a#1']);
    log.endReplay();
    expect(taken(log)).toEqual([]);
  });

  test('is accepted where nobody wants to be told', () => {
    const log = logOf(scheduled('a#1', 'new'));
    log.acceptChanged(recorded(scheduled('a#1', 'old')));
    expect(log.isUnmatched('step.scheduled', 'a#1')).toBe(false);
  });

  test('is not seen in equal arguments, nor in other commands', () => {
    expect(logOf(scheduled('a#1', 'x')).match(recorded(scheduled('a#1', 'x')))).toEqual(MATCHED);
    expect(logOf(timer('sleep#1', 1)).match(recorded(timer('sleep#1', 1)))).toEqual(MATCHED);
    const other = hookCreated('h#1', { expiresAt: 5 });
    expect(logOf(hookCreated('h#1')).match(recorded(other))).toEqual(MATCHED);
  });

  test('may be that of a twin, which has the recorded ones', () => {
    const log = logOf(scheduled('a#1', 'x'), scheduled('a#2', 'y'), timer('sleep#1', 1), timer('sleep#2', 2));
    expect(log.match(recorded(scheduled('a#1', 'y')))).toEqual({ type: 'twin', id: 'a#2' });
    expect(log.match(recorded(timer('sleep#1', 2)))).toEqual({ type: 'twin', id: 'sleep#2' });
  });

  test('is not that of a command of another name or kind, or of one that was matched', () => {
    const log = logOf(scheduled('a#1', 'x'), scheduled('b#2', 'y'), scheduled('a#x#2', 'y'), timer('a#2', 5));
    expect(log.match(recorded(scheduled('a#1', 'y')))).toEqual({ type: 'changed' });
    log.issue(command(scheduled('a#2', 'y')));
    log.match(recorded(scheduled('a#2', 'y')));
    expect(log.match(recorded(scheduled('a#1', 'y')))).toEqual({ type: 'changed' });
  });

  test('leaves twins that have changed places under their new ids', () => {
    const log = logOf(scheduled('a#1', 'x'), scheduled('a#2', 'y'));
    log.swap('step.scheduled', 'a#1', 'a#2');
    expect(log.match(recorded(scheduled('a#1', 'y')))).toEqual(MATCHED);
    log.endReplay();
    expect(taken(log)).toEqual([scheduled('a#2', 'x')]);
  });

  test('cannot be told of a command that was taken back', () => {
    const log = logOf(scheduled('a#1'), scheduled('b#1'));
    log.withdraw('step.scheduled', 'a#1');
    expect(log.match(recorded(scheduled('a#1')))).toEqual(MISSING);
    log.endReplay();
    expect(taken(log)).toEqual([scheduled('b#1')]);
  });
});

describe('after the replay', () => {
  function live(onCommand?: (command: Command) => void): CommandLog {
    const log = new CommandLog({ onCommand });
    log.endReplay();
    return log;
  }

  test('a command is taken once, in order', () => {
    const log = live();
    expect([log.isReplaying, log.isEmpty]).toEqual([false, true]);
    log.issue(command(scheduled('a#1')));
    log.issue(command(scheduled('b#1')));
    expect(log.isEmpty).toBe(false);
    expect(taken(log)).toEqual([scheduled('a#1'), scheduled('b#1')]);
    expect([log.isEmpty, taken(log)]).toEqual([true, []]);
  });

  test('each command is told to whoever listens', () => {
    const told: Command[] = [];
    const log = live((issued) => told.push(issued));
    log.issue(command(scheduled('a#1')));
    log.issue(command(scheduled('b#1')));
    expect(told).toEqual([scheduled('a#1'), scheduled('b#1')]);
  });

  test('whoever listens may come later', () => {
    let calls = 0;
    const log = live();
    log.onCommand = () => (calls += 1);
    log.issue(command(scheduled('a#1')));
    expect(calls).toBe(1);
  });

  test('commands of the replay are not told', () => {
    let calls = 0;
    const log = new CommandLog({ onCommand: () => (calls += 1) });
    log.issue(command(scheduled('a#1')));
    log.endReplay();
    expect(calls).toBe(0);
    expect(log.isEmpty).toBe(false);
  });
});

describe('the description of what is unmatched', () => {
  test('names the first command that the history has not reached', () => {
    const log = new CommandLog({});
    for (const id of ['a#1', 'b#1', 'c#1']) log.issue(command(scheduled(id)));
    log.match(recorded(scheduled('a#1')));
    expect(log.describeUnmatched()).toEqual({ issued: 'step b#1' });
  });

  test('says so if there is nothing', () => {
    expect(new CommandLog({}).describeUnmatched()).toEqual({ issued: 'nothing' });
  });

  test('has the place in the code, if traced', () => {
    const log = new CommandLog({ traceCommands: true });
    log.issue(command(scheduled('a#1')));
    expect(log.describeUnmatched().location).toEqual(expect.any(String));
  });

  test.each<[EventDraft, string]>([
    [scheduled('charge#2'), 'step charge#2'],
    [stepCancelled('charge#2'), 'the cancellation of step charge#2'],
    [timer('sleep#1', 5), 'timer sleep#1'],
    [{ type: 'sleep.cancelled', id: 'sleep#1' }, 'the cancellation of timer sleep#1'],
    [hookCreated('h#1'), 'hook h#1'],
    [{ type: 'hook.closed', id: 'h#1' }, 'the closing of hook h#1'],
    [{ type: 'side_effect.recorded', id: 'side_effect#1', payload: '' }, 'side effect side_effect#1'],
    [completedRun(), 'the end of the run'],
    [failedRun('boom'), 'the failure of the run'],
    [{ type: 'workflow.cancelled', payload: '' }, 'the end of the cancelled run'],
  ])('says %j as "%s"', (draft, words) => {
    expect(describeCommand(command(draft))).toBe(words);
  });
});

test('an outcome is no command, so a log never sees one', () => {
  const log = new CommandLog({});
  log.issue(command(scheduled('a#1')));
  expect(log.match(recorded(completed('a#1')))).toEqual(MISSING);
});
