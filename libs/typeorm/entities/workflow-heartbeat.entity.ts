import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BIGINT } from './columns.js';

/** The last sign of life of a step call. */
@Entity('workflow_heartbeat')
export class WorkflowHeartbeatEntity {
  @PrimaryColumn('text', { name: 'run_id' })
  readonly runId!: string;

  /** The step call's id. */
  @PrimaryColumn('text')
  readonly id!: string;

  @Column('integer')
  readonly attempt!: number;

  @Column('text')
  readonly worker!: string;

  @Column(BIGINT)
  readonly until!: number;
}
