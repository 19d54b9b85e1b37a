import { inspect } from 'node:util';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { engineLogger } from './nest-logger.js';

describe('engineLogger', () => {
  it('hands lines without fields on as text, and others as objects', () => {
    const to = { log: jest.fn(), warn: jest.fn(), error: jest.fn(), debug: jest.fn() };
    const logger = engineLogger(to);
    logger.info('started');
    logger.warn('slow', { runId: 'r', attempts: 2 });
    logger.debug('detail', {});
    logger.error('broken', { runId: 'r', error: new Error('boom') });
    expect(to.log.mock.calls).toEqual([['started']]);
    expect(to.debug.mock.calls).toEqual([['detail']]);
    expect({ ...(to.warn.mock.calls[0]?.[0] as object) }).toEqual({ msg: 'slow', runId: 'r', attempts: 2 });
    expect({ ...(to.error.mock.calls[0]?.[0] as object) }).toEqual({
      msg: 'broken',
      runId: 'r',
      err: new Error('boom'),
    });
  });

  it('reads well on the console, and as JSON', () => {
    const written: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    engineLogger(new ConsoleLogger('PyWorkflow', { colors: false })).info('began', { runId: 'r', stepId: 'charge#1' });
    engineLogger(new ConsoleLogger('PyWorkflow', { json: true, colors: false })).info('began', { runId: 'r' });
    write.mockRestore();
    expect(written[0]).toMatch(/LOG \[PyWorkflow\] began \(runId=r stepId=charge#1\)/);
    expect(JSON.parse(written[1] ?? '')).toMatchObject({ level: 'log', message: { msg: 'began', runId: 'r' } });
  });

  it('shows errors with their stack', () => {
    const lines: unknown[] = [];
    engineLogger({ log: (line: unknown) => lines.push(line), warn: () => {}, error: () => {} }).info('x', {
      error: new Error('boom'),
    });
    expect(inspect(lines[0])).toMatch(/^x\nError: boom\n +at /);
  });

  it('writes to the logger of Nest unless it is told otherwise', () => {
    const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
    engineLogger(undefined).info('hello');
    expect(log).toHaveBeenCalledWith('hello');
    log.mockClear();
    engineLogger(false).info('hello');
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });
});
