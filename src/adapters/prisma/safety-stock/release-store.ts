import type { PrismaClient } from '../../../generated/prisma/client.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  ReleaseStore,
  type NewRelease,
  type ReleaseDecision,
  type ReleaseFilter,
  type SafetyRelease,
} from '../../../safety-stock/release-store.js'

export class PrismaReleaseStore extends ReleaseStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async newest({ state, eventId, before }: ReleaseFilter, limit: number): Promise<SafetyRelease[]> {
    const rows = await this.prisma.safetyRelease.findMany({
      where: {
        ...(before === undefined ? {} : { id: { lt: before } }),
        ...(state ? { state } : {}),
        ...(eventId ? { eventId } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit,
    })
    return rows.map(withPlatform)
  }

  async find(transaction: DatabaseTransaction | null, id: string): Promise<SafetyRelease | null> {
    const client = transaction ? clientOf(transaction) : this.prisma
    const row = await client.safetyRelease.findUnique({ where: { id } })
    return row && withPlatform(row)
  }

  async create(transaction: DatabaseTransaction, release: NewRelease): Promise<SafetyRelease> {
    return withPlatform(await clientOf(transaction).safetyRelease.create({ data: release }))
  }

  async decide(transaction: DatabaseTransaction, id: string, decision: ReleaseDecision): Promise<boolean> {
    const where = { id, state: 'PENDING' } as const
    const { count } = await clientOf(transaction).safetyRelease.updateMany({ where, data: decision })
    return count === 1
  }
}
