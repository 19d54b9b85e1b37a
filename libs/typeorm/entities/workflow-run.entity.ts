import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { RunStatus } from '../../core/index.js';
import { BIGINT } from './columns.js';

/** Statuses that a run stays in until somebody acts, if ever: few statements change them, so an index on them is cheap. */
export const SETTLED_STATUSES = `status IN ('blocked', 'cancelled', 'completed', 'continued_as_new', 'failed', 'paused')`;

/** One row per run. For reading: only the store may write it. */
@Entity('workflow_run')
@Index('workflow_run_idempotency', ['workflow', 'idempotencyKey'], {
  unique: true,
  where: 'idempotency_key IS NOT NULL',
})
@Index('workflow_run_wake', ['wakeAt'], { where: 'wake_at IS NOT NULL' })
@Index('workflow_run_owner', ['owner'], { where: 'owner IS NOT NULL' })
@Index('workflow_run_created', ['createdAt', 'runId'])
@Index('workflow_run_live', ['createdAt', 'runId'], { where: 'ended_at IS NULL' })
@Index('workflow_run_settled', ['status', 'createdAt', 'runId'], { where: SETTLED_STATUSES })
@Index('workflow_run_workflow', ['workflow', 'createdAt', 'runId'])
export class WorkflowRunEntity {
  @PrimaryColumn('text', { name: 'run_id' })
  readonly runId!: string;

  @Column('text')
  readonly workflow!: string;

  @Column('integer')
  readonly version!: number;

  @Column('text')
  readonly status!: RunStatus;

  @Column('simple-json')
  readonly tags!: readonly string[];

  @Column('text', { name: 'idempotency_key', nullable: true })
  readonly idempotencyKey!: string | null;

  @Column('text', { name: 'input_digest', nullable: true })
  readonly inputDigest!: string | null;

  /** Sequence of the last event. */
  @Column('integer')
  readonly sequence!: number;

  @Column({ ...BIGINT, name: 'created_at' })
  readonly createdAt!: number;

  @Column({ ...BIGINT, name: 'updated_at' })
  readonly updatedAt!: number;

  @Column({ ...BIGINT, name: 'ended_at', nullable: true })
  readonly endedAt!: number | null;

  @Column('text', { nullable: true })
  readonly output!: string | null;

  @Column('text', { nullable: true })
  readonly error!: string | null;

  /** Why the run is blocked or paused. */
  @Column('text', { nullable: true })
  readonly reason!: string | null;

  @Column('integer')
  readonly fence!: number;

  /** The process that holds the lease. */
  @Column('text', { nullable: true })
  readonly owner!: string | null;

  @Column({ ...BIGINT, name: 'lease_until', nullable: true })
  readonly leaseUntil!: number | null;

  /** The alarm. Of a held run in PostgreSQL it is up to four seconds before the end of the lease. */
  @Column({ ...BIGINT, name: 'wake_at', nullable: true })
  readonly wakeAt!: number | null;

  @Column('integer', { name: 'recovery_attempts' })
  readonly recoveryAttempts!: number;
}
