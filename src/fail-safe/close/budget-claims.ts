import { Injectable } from '@nestjs/common'
import { Instances } from '../../infrastructure/instances/instances.js'
import { Outbound } from '../../platforms/outbound.js'
import { ModeStore, type StoredMode } from '../../system-mode/mode-store.js'

/**
 * The claims of the leader on the platforms' whole limits. It is recorded before it spends anything: one that ends soon after
 * may never have been seen by the process that leads next, which has to assume that the limits are spent.
 */
@Injectable()
export class BudgetClaims {
  constructor(
    private readonly mode: ModeStore,
    private readonly instances: Instances,
    private readonly outbound: Outbound,
  ) {}

  async takeWhole(stored: Pick<StoredMode, 'budgetHolder'>): Promise<void> {
    this.noteOther(stored)
    if (stored.budgetHolder !== this.instances.id) await this.mode.recordBudgetHolder(this.instances.id)
    this.outbound.claimBudgets('whole')
  }

  /** Of what another process has spent, this one knows nothing. */
  noteOther({ budgetHolder }: Pick<StoredMode, 'budgetHolder'>): void {
    if (budgetHolder !== null && budgetHolder !== this.instances.id) this.outbound.noteClaimElsewhere()
  }
}
