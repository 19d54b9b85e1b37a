import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BIGINT } from './columns.js';

/** A process, as it has announced itself. */
@Entity('workflow_process')
export class WorkflowProcessEntity {
  @PrimaryColumn('text')
  readonly owner!: string;

  @Column('text')
  readonly role!: string;

  /** A JSON array of text. */
  @Column('text')
  readonly workflows!: string;

  /** A JSON array of text. */
  @Column('text')
  readonly steps!: string;

  @Column(BIGINT)
  readonly until!: number;
}
