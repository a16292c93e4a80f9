import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { FailSafeState } from '../../../system-mode/fail-safe-state.js'
import { SYSTEM_MODE_ROW } from './mode-store.js'

export class PrismaFailSafeState extends FailSafeState {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async isFailSafe(transaction: DatabaseTransaction | null): Promise<boolean> {
    const client = transaction ? clientOf(transaction) : this.prisma
    const { mode } = await client.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW, select: { mode: true } })
    return mode === 'FAIL_SAFE'
  }
}
