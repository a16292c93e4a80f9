import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export type RecoveryStep = 'REBUILD' | 'DRAIN' | 'SWEEP' | 'CAPS' | 'REOPEN'
export type ModeCause = 'redis' | 'forced' | 'released' | 'recovered'

/** The mode as stored: one row, shared by all processes. */
export interface StoredMode {
  mode: 'NORMAL' | 'FAIL_SAFE'
  /** Forced by an operator: only an operator ends it. */
  forced: boolean
  reason: string | null
  since: Date
  /** When an instance last failed to reach Redis. */
  redisFailedAt: Date | null
  /** The recovery step in progress; null: recovery has not started. */
  recoveryStep: RecoveryStep | null
  /** Incremented whenever recovery restarts: a step of an older round completes nothing. */
  round: number
  /** The Redis server(s) whose gates were all rebuilt, and the canary written there. */
  redisIdentity: string | null
  redisCanary: string | null
  /** The process that has, or had last, the whole limits of the platforms since fail-safe mode started; null: none. */
  budgetHolder: string | null
}

export interface ModeChange {
  before: StoredMode
  after: StoredMode
}

/** What a change does to the row that it found. */
export interface ModePlan {
  data: Partial<StoredMode>
  /** Recorded as a transition; null: only fields are updated. */
  cause: ModeCause | null
  /** Sales may be missed from now on: every channel on sale must be swept before it reopens. */
  needsSweep: boolean
}

export interface ModeChangeRequest {
  reason: string
  /** The name of the operator; null: the service itself. */
  actor: string | null
  /** Null: nothing changes. */
  planFor: (row: StoredMode) => ModePlan | null
  /** Runs in the same transaction. */
  onChange?: ((transaction: DatabaseTransaction, change: ModeChange) => Promise<void>) | undefined
}

/** The mode shared by all instances, in PostgreSQL: works without Redis. */
export abstract class ModeStore {
  abstract read(): Promise<StoredMode>

  /** Plans and applies a change with the row locked. A deadlock is retried, so `planFor` may be called again. */
  abstract change(request: ModeChangeRequest): Promise<ModeChange>

  /** Records the next step of a recovery. False: the recovery must restart, or an operator has forced the mode. */
  abstract advance(round: number, recoveryStep: RecoveryStep): Promise<boolean>

  /** Records that every gate was rebuilt on this Redis. False: since `before` another process has rebuilt on another one. */
  abstract recordRebuild(before: StoredMode, redisIdentity: string, redisCanary: string): Promise<boolean>

  /** Records which process has the whole limits of the platforms, before it spends anything. */
  abstract recordBudgetHolder(instanceId: string): Promise<void>

  /**
   * Marks every channel on sale: it must be swept before it reopens. Skips locked channels: neither the mode nor a recovery
   * may wait for them; they are marked when the recovery starts, and none can open before that. Returns how many were skipped.
   */
  abstract markForSweep(): Promise<number>
}
