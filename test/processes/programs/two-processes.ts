/** An application that starts one run, says so, and stays until it is ended. */
import { Injectable } from '@nestjs/common';
import { Step, Workflow } from '../../../src/index.js';
import { ledger, startApp } from '../support/nest-app.js';
import { watched } from '../support/watched.js';

@Injectable()
class Steps {
  @Step()
  work(): Promise<string> {
    return watched(ledger, () => new Promise((resolve) => setTimeout(() => resolve('done'), 100)));
  }
}

@Workflow({ name: 'work' })
class WorkWorkflow {
  constructor(private readonly steps: Steps) {}
  run(): Promise<string> {
    return this.steps.work();
  }
}

const { client } = await startApp([Steps, WorkWorkflow]);
const run = await client.start(WorkWorkflow, [], { runId: 'work' });
console.log('open');
console.log('result', await run.result({ timeout: '10s' }));
process.stdin.ref();
