import { isOpen } from '../../../domain/events/event-state.js'
import {
  ModeStore,
  type ModeChange,
  type ModeChangeRequest,
  type RecoveryStep,
  type StoredMode,
} from '../../../system-mode/mode-store.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { MemoryTransaction } from '../memory-transaction.js'
import { SYSTEM_MODE_KEY } from '../rows.js'

export class MemoryModeStore extends ModeStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async read(): Promise<StoredMode> {
    this.database.assertAvailable()
    return this.stored(null)
  }

  change({ reason, actor, planFor, onChange }: ModeChangeRequest): Promise<ModeChange> {
    return this.database.transaction(async (transaction) => {
      await transaction.lock(this.database.systemMode.lockOf(SYSTEM_MODE_KEY))
      const before = this.stored(transaction)
      const plan = planFor(before)
      if (!plan) return { before, after: before }
      await this.database.systemMode.update(transaction, SYSTEM_MODE_KEY, plan.data)
      const after = this.stored(transaction)
      const { cause, needsSweep } = plan
      if (cause) {
        const { mode, forced } = after
        const row = { mode, forced, cause, reason, actor, at: this.database.clock.now() }
        await this.database.modeTransitions.insert(transaction, { id: this.database.nextId(), ...row })
      }
      if (needsSweep) await this.mark(transaction)
      await onChange?.(transaction, { before, after })
      return { before, after }
    })
  }

  async advance(round: number, recoveryStep: RecoveryStep): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.systemMode.update(
      null,
      SYSTEM_MODE_KEY,
      { recoveryStep },
      (row) => row.round === round && row.mode === 'FAIL_SAFE' && !row.forced,
    )
  }

  async recordRebuild(before: StoredMode, redisIdentity: string, redisCanary: string): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.systemMode.update(
      null,
      SYSTEM_MODE_KEY,
      { redisIdentity, redisCanary },
      (row) => row.redisIdentity === before.redisIdentity && row.redisCanary === before.redisCanary,
    )
  }

  async recordBudgetHolder(budgetHolder: string): Promise<void> {
    this.database.assertAvailable()
    await this.database.systemMode.update(null, SYSTEM_MODE_KEY, { budgetHolder })
  }

  markForSweep(): Promise<number> {
    return this.database.transaction((transaction) => this.mark(transaction))
  }

  private stored(scope: MemoryTransaction | null): StoredMode {
    const row = this.database.systemMode.get(scope, SYSTEM_MODE_KEY)
    if (!row) throw new Error('the row of the system mode is missing')
    const { id: _, ...stored } = row
    return stored
  }

  private async mark(transaction: MemoryTransaction): Promise<number> {
    const now = this.database.clock.now()
    const onSale = attachedChannels(this.database, transaction, (event) => isOpen(event, now))
    const free = onSale.filter(({ id }) => transaction.tryLock(this.database.channels.lockOf(id)))
    for (const { id } of free) await this.database.channels.update(transaction, id, { needsSweepSince: now })
    return onSale.length - free.length
  }
}
