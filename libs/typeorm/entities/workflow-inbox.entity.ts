import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BIGINT } from './columns.js';

/**
 * A message to a run. It stays when it is consumed, without its contents, so that its key is known until the run ends,
 * unless the run needs no key to refuse it, as with the outcome of an attempt.
 */
@Entity('workflow_inbox')
@Index('workflow_inbox_key', ['runId', 'key'], { unique: true })
@Index('workflow_inbox_waiting', ['runId', 'position'], { where: 'NOT consumed' })
export class WorkflowInboxEntity {
  /** Rises in the order of arrival. A big integer in PostgreSQL. */
  @PrimaryGeneratedColumn()
  readonly position!: number;

  @Column('text', { name: 'run_id' })
  readonly runId!: string;

  @Column('text')
  readonly key!: string;

  @Column('text')
  readonly type!: string;

  @Column('text', { nullable: true })
  readonly ref!: string | null;

  @Column('text', { nullable: true })
  readonly payload!: string | null;

  @Column('simple-json', { nullable: true })
  readonly attributes!: Readonly<Record<string, unknown>> | null;

  @Column({ ...BIGINT, name: 'received_at' })
  readonly receivedAt!: number;

  @Column('boolean')
  readonly consumed!: boolean;
}
