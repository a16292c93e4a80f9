import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { FailSafeState } from '../../../system-mode/fail-safe-state.js'
import type { MemoryDatabase } from '../memory-database.js'
import { SYSTEM_MODE_KEY } from '../rows.js'

export class MemoryFailSafeState extends FailSafeState {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async isFailSafe(transaction: DatabaseTransaction | null): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.systemMode.get(transaction, SYSTEM_MODE_KEY)?.mode === 'FAIL_SAFE'
  }
}
