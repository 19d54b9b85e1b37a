import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken, InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import Libsql from 'libsql';
import { Column, DataSource, Entity, PrimaryColumn, Repository } from 'typeorm';
import { PyWorkflowModule, RunRepository, Step, Workflow, WorkflowClient, WorkflowStore } from '../src/index.js';
import { safeLibsql, TypeOrmStore, WORKFLOW_ENTITIES, WorkflowRunEntity } from '../libs/typeorm/index.js';

@Entity('shop_order')
class ShopOrder {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ type: 'varchar' })
  state!: string;
}

@Injectable()
class OrderSteps {
  constructor(@InjectRepository(ShopOrder) private readonly orders: Repository<ShopOrder>) {}

  @Step()
  async save(id: string, state: string): Promise<void> {
    await this.orders.save({ id, state });
  }
}

@Workflow({ name: 'order' })
class OrderWorkflow {
  constructor(private readonly steps: OrderSteps) {}

  async run(id: string): Promise<string> {
    await this.steps.save(id, 'paid');
    await this.steps.save(id, 'shipped');
    return id;
  }
}

describe("an application that shares its TypeORM DataSource with the workflows' store", () => {
  let directory: string;
  let module: TestingModule;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pyworkflow-shared-'));
    module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          type: 'better-sqlite3',
          driver: safeLibsql(Libsql),
          database: join(directory, 'app.sqlite'),
          enableWAL: true,
          entities: [ShopOrder, ...WORKFLOW_ENTITIES],
          retryAttempts: 0,
        }),
        TypeOrmModule.forFeature([ShopOrder]),
        PyWorkflowModule.forRootAsync({
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => ({
            storage: new TypeOrmStore({ dataSource }),
            logger: false as const,
          }),
        }),
      ],
      providers: [OrderSteps, OrderWorkflow],
    }).compile();
    await module.get(DataSource).query('CREATE TABLE shop_order (id varchar PRIMARY KEY, state varchar NOT NULL)');
    await module.init();
  });

  afterEach(async () => {
    await module.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('runs workflows whose steps write to the same database', async () => {
    const client = module.get(WorkflowClient);
    const runs = await Promise.all(Array.from({ length: 20 }, (_, i) => client.start(OrderWorkflow, [`order ${i}`])));
    await Promise.all(runs.map((run) => run.result()));
    const orders = await module.get(DataSource).getRepository(ShopOrder).countBy({ state: 'shipped' });
    expect(orders).toBe(20);
  });

  it('reads runs through the injectable repositories, and through entities of its own DataSource', async () => {
    const run = await module.get(WorkflowClient).start(OrderWorkflow, ['order 1']);
    await run.result();
    expect(await module.get(RunRepository).get(run.runId)).toMatchObject({ status: 'completed', workflow: 'order' });
    expect(await module.get(WorkflowStore).runs.get(run.runId)).toMatchObject({ status: 'completed' });
    const rows = await module.get(DataSource).getRepository(WorkflowRunEntity).findBy({ runId: run.runId });
    expect(rows).toMatchObject([{ status: 'completed' }]);
  });
});
