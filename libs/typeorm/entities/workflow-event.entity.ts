import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EventType } from '../../core/index.js';
import { BIGINT } from './columns.js';

/** One event of a run's history. Rows are added and never changed. */
@Entity('workflow_event')
export class WorkflowEventEntity {
  @PrimaryColumn('text', { name: 'run_id' })
  readonly runId!: string;

  @PrimaryColumn('integer')
  readonly sequence!: number;

  @Column('text')
  readonly type!: EventType;

  @Column(BIGINT)
  readonly at!: number;

  /** What the event is about: its `id`, such as `charge#2`. */
  @Column('text', { nullable: true })
  readonly ref!: string | null;

  /** Text that a codec wrote. */
  @Column('text', { nullable: true })
  readonly payload!: string | null;

  @Column('simple-json', { nullable: true })
  readonly attributes!: Readonly<Record<string, unknown>> | null;
}
