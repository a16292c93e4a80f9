import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  ReleaseStore,
  type NewRelease,
  type ReleaseDecision,
  type ReleaseFilter,
  type SafetyRelease,
} from '../../../safety-stock/release-store.js'
import { checkViolation } from '../check-violation.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryReleaseStore extends ReleaseStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async newest({ state, eventId, before }: ReleaseFilter, limit: number): Promise<SafetyRelease[]> {
    this.database.assertAvailable()
    const found = this.database.safetyReleases.where(null, (release) => {
      const isBefore = before === undefined || release.id < before
      return isBefore && (!state || release.state === state) && (!eventId || release.eventId === eventId)
    })
    return found.toSorted(byId).toReversed().slice(0, limit)
  }

  async find(transaction: DatabaseTransaction | null, id: string): Promise<SafetyRelease | null> {
    this.database.assertAvailable()
    return this.database.safetyReleases.get(transaction, id) ?? null
  }

  async create(transaction: DatabaseTransaction, release: NewRelease): Promise<SafetyRelease> {
    this.database.assertAvailable()
    if (release.quantity <= 0) throw checkViolation(`release ${release.id} of ${release.quantity} units`)
    const { id, eventId, platform, channelId, quantity, reason, requestedBy, requestedAt } = release
    const undecided = { state: 'PENDING', decidedBy: null, decidedAt: null } as const
    const row = { id, eventId, platform, channelId, quantity, reason, requestedBy, requestedAt, ...undecided }
    await this.database.safetyReleases.insert(transaction, row)
    return row
  }

  async decide(transaction: DatabaseTransaction, id: string, decision: ReleaseDecision): Promise<boolean> {
    this.database.assertAvailable()
    const { state, decidedBy, decidedAt } = decision
    const decide = ({ requestedBy }: SafetyRelease) => {
      if (requestedBy === decidedBy) throw checkViolation(`release ${id} would be decided by who requested it`)
      return { state, decidedBy, decidedAt }
    }
    return this.database.safetyReleases.update(transaction, id, decide, (row) => row.state === 'PENDING')
  }
}
