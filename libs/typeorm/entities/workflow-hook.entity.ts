import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { HookStatus } from '../../core/index.js';
import { BIGINT } from './columns.js';

/** A hook of a run. A token belongs to one open hook at most. */
@Entity('workflow_hook')
@Index('workflow_hook_id', ['runId', 'id'], { unique: true })
@Index('workflow_hook_token', ['token'])
@Index('workflow_hook_open_token', ['token'], { unique: true, where: `status = 'open'` })
export class WorkflowHookEntity {
  /** Rises in the order of creation. A big integer in PostgreSQL. */
  @PrimaryGeneratedColumn()
  readonly position!: number;

  @Column('text', { name: 'run_id' })
  readonly runId!: string;

  @Column('text')
  readonly id!: string;

  /** Secret: whoever has it may deliver. */
  @Column('text')
  readonly token!: string;

  @Column('text')
  readonly status!: HookStatus;

  @Column('boolean')
  readonly multiple!: boolean;

  @Column({ ...BIGINT, name: 'created_at' })
  readonly createdAt!: number;

  @Column({ ...BIGINT, name: 'expires_at', nullable: true })
  readonly expiresAt!: number | null;

  /** Which delivery settled a hook of one payload. */
  @Column('text', { name: 'delivery_id', nullable: true })
  readonly deliveryId!: string | null;

  /** Whether it has a definition, which whoever delivers must know. Empty means no. */
  @Column('boolean', { nullable: true })
  readonly defined!: boolean | null;
}
