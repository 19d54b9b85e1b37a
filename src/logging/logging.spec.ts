import { type LoggerOptions, pino } from 'pino';
import { getCurrentContext } from '../../libs/runtime/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import { WorkflowClient } from '../client/workflow-client.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { PyWorkflowModule } from '../pyworkflow.module.js';
import { WorkflowTestingModule } from '../testing/index.js';
import type { WorkflowLoggingOptions } from './logging.options.js';
import { prettyLine } from './pretty-line.js';
import { prettyStream } from './pretty-stream.js';
import { WorkflowLogger } from './workflow-logger.js';
import { workflowLogging } from './workflow-logging.js';

it('shows a line as people read it, without what would move the cursor', () => {
  const time = new Date(2025, 0, 15, 10, 30, 45).getTime();
  const run = {
    time,
    level: 30,
    runId: 'run_abc123',
    workflow: 'process_order',
    msg: 'Processing\u001b[2J order\u0007',
  };
  expect(prettyLine(run, 'msg')).toBe('2025-01-15 10:30:45 | INFO | run_abc123 | process_order | Processing order');
  expect(prettyLine({ ...run, stepId: 'charge#1', attempt: 2, level: 50 }, 'msg')).toBe(
    '2025-01-15 10:30:45 | ERROR | run_abc123 | process_order | charge#1 attempt 2 | Processing order',
  );
  expect(prettyLine({ time, level: 20, context: 'Main', msg: 'x' }, 'msg')).toBe(
    '2025-01-15 10:30:45 | DEBUG | Main | x',
  );
});

it('does without pino-pretty unless it is insisted on', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  expect(prettyStream('auto', () => undefined)).toBeUndefined();
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('npm install --save-dev pino-pretty'));
  expect(() => prettyStream(true, () => undefined)).toThrow(PyWorkflowConfigError);
  warn.mockRestore();
});

it('leaves lines outside of runs as they are', () => {
  const target = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  new WorkflowLogger(target).log('hello', 'Main');
  expect(target.log).toHaveBeenCalledWith('hello', 'Main');
});

it('loses nothing of what is logged in a run, be it an object of any kind', async () => {
  const target = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const logger = new WorkflowLogger(target);
  const lines = [{ a: 1 }, [1, 2], new Map([[1, 2]]), new Date(0), Object.assign(new (class Order {})(), { id: 1 })];

  @Workflow({ name: 'logs' })
  class LogsWorkflow {
    async run(): Promise<void> {
      for (const line of lines) logger.log(line);
    }
  }
  const module = await WorkflowTestingModule.create({
    imports: [PyWorkflowModule.forRoot({ logger: false })],
    providers: [LogsWorkflow],
  }).compile();
  const handle = await module.get(WorkflowClient).start(LogsWorkflow, []);
  await handle.result();
  const run = { runId: handle.runId, workflow: 'logs' };
  expect(target.log.mock.calls.map(([line]: [unknown]) => line)).toEqual([
    { ...run, a: 1 },
    { ...run, msg: [1, 2] },
    { ...run, msg: new Map([[1, 2]]) },
    { ...run, msg: new Date(0) },
    { ...run, id: 1 },
  ]);
  await module.close();
});

it('says which run a line is about, whatever fields of the same names it is given', async () => {
  const target = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const engineTarget = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const theirs = { runId: 'mine', workflow: 'mine', attempt: 7, other: 1 };

  @Workflow({ name: 'names' })
  class NamesWorkflow {
    async run(): Promise<unknown> {
      new WorkflowLogger(target).log(theirs);
      getCurrentContext().logger.info('hello', theirs);
      const mixin = (): object => ({ ...theirs, mixed: 2 });
      const lines: string[] = [];
      const { pinoHttp } = workflowLogging({ pretty: false, pinoHttp: { mixin } });
      pino(pinoHttp as LoggerOptions, { write: (line) => void lines.push(line) }).info(theirs, 'hello');
      return JSON.parse(lines.join('')) as unknown;
    }
  }
  const module = await WorkflowTestingModule.create({
    workflow: { logger: engineTarget },
    providers: [NamesWorkflow],
  }).compile();
  const { runId } = await module.get(WorkflowClient).start(NamesWorkflow, []);
  const run = { runId, workflow: 'names', attempt: 7, other: 1 };
  expect(await module.get(WorkflowClient).getHandle(runId).result()).toMatchObject({ ...run, mixed: 2, msg: 'hello' });
  expect(target.log.mock.calls).toEqual([[run]]);
  expect(engineTarget.log.mock.calls).toEqual([[expect.objectContaining({ ...run, msg: 'hello' })]]);
  await module.close();
});

it.each<[unknown, RegExp]>([
  [null, /must be an object with options/],
  [{ level: 'loud' }, /level must be 'fatal' or/],
  [{ pretty: 'yes' }, /pretty must be true, false or 'auto'/],
  [{ pinoHttp: [] }, /pinoHttp must be an object/],
  [{ levl: 'info' }, /there is no option "levl"\. Did you mean "level"\?/],
])('refuses %j', (options, words) => {
  expect(() => workflowLogging(options as WorkflowLoggingOptions)).toThrow(words);
});
