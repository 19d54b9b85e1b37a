import * as core from './index.js';

test('the ports of the core are abstract: an adapter fills them in', () => {
  const { Clock, EventRepository, HookRepository, Notifier, RunRepository, WorkflowQueue, WorkflowStore } = core;
  for (const port of [Clock, EventRepository, HookRepository, Notifier, RunRepository, WorkflowQueue, WorkflowStore])
    expect(Object.getOwnPropertyNames(port.prototype)).toEqual(['constructor']);
});

test('the modules of types cost nothing at run time', async () => {
  const modules = [await import('./commit.js'), await import('./ports/codec.js')];
  expect(modules.flatMap(Object.keys)).toEqual([]);
});
