import { Entity, PrimaryColumn } from 'typeorm';
import { BIGINT } from './columns.js';

/** Which runs have a tag, in the order in which they were created. */
@Entity('workflow_run_tag')
export class WorkflowRunTagEntity {
  @PrimaryColumn('text')
  readonly tag!: string;

  /** The run's. */
  @PrimaryColumn({ ...BIGINT, name: 'created_at' })
  readonly createdAt!: number;

  @PrimaryColumn('text', { name: 'run_id' })
  readonly runId!: string;
}
