import type { Platform } from '../../../domain/channel.js'
import {
  QuarantineStore,
  type QuarantinedRecord,
  type QuarantineFilter,
  type QuarantineRow,
} from '../../../orders/quarantine-store.js'
import { newId } from '../../../infrastructure/ids.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryQuarantineStore extends QuarantineStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(
    { id: channelId, eventId, platform }: { id: string; eventId: string; platform: Platform },
    rows: readonly QuarantineRow[],
  ): Promise<void> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    for (const { externalOrderId, reason, excerpt } of rows) {
      const id = newId('qtn')
      const counted = await this.database.quarantinedRecords.updateWhere(
        null,
        (row) =>
          row.resolvedAt === null &&
          row.externalOrderId === externalOrderId &&
          (externalOrderId !== null || row.reason === reason),
        ({ attempts }) => ({ reason, excerpt, attempts: attempts + 1, lastSeenAt: now }),
        this.database.quarantinedRecords.whereKey(null, 'channelId', channelId),
      )
      if (counted > 0) continue
      const seen = { firstSeenAt: now, lastSeenAt: now, attempts: 1, resolvedAt: null }
      const row = { id, eventId, channelId, platform, externalOrderId, reason, excerpt, ...seen }
      await this.database.quarantinedRecords.insert(null, row)
    }
  }

  async openOrders(channelId: string): Promise<{ id: string; externalOrderId: string }[]> {
    this.database.assertAvailable()
    return this.database.quarantinedRecords
      .whereKey(null, 'channelId', channelId, (row) => row.resolvedAt === null)
      .flatMap(({ id, externalOrderId }) => (externalOrderId === null ? [] : [{ id, externalOrderId }]))
  }

  async openPlaces(): Promise<{ eventId: string; platform: Platform }[]> {
    this.database.assertAvailable()
    const open = this.database.quarantinedRecords.where(null, ({ resolvedAt }) => resolvedAt === null)
    const places = open.map(({ eventId, platform }) => [`${eventId} ${platform}`, { eventId, platform }] as const)
    return [...new Map(places).values()]
  }

  async resolve(ids: readonly string[], at: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.quarantinedRecords.updateWhere(null, ({ id }) => ids.includes(id), { resolvedAt: at })
  }

  async resolveUnseen(channelId: string, since: Date, at: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.quarantinedRecords.updateWhere(
      null,
      (row) => row.channelId === channelId && row.resolvedAt === null && row.lastSeenAt < since,
      { resolvedAt: at },
    )
  }

  async newest({ state, before }: QuarantineFilter, limit: number): Promise<QuarantinedRecord[]> {
    this.database.assertAvailable()
    const records = this.database.quarantinedRecords.where(null, ({ id, resolvedAt }) => {
      const hasState = state === 'all' || (state === 'open') === (resolvedAt === null)
      return hasState && (before === undefined || id < before)
    })
    return records.toSorted(byId).toReversed().slice(0, limit)
  }

  async oldestOpen(limit: number): Promise<QuarantinedRecord[]> {
    this.database.assertAvailable()
    const open = this.database.quarantinedRecords.where(null, ({ resolvedAt }) => resolvedAt === null)
    return open.toSorted(byId).slice(0, limit)
  }

  async find(recordId: string): Promise<QuarantinedRecord | null> {
    this.database.assertAvailable()
    return this.database.quarantinedRecords.get(null, recordId) ?? null
  }

  async deleteResolved(before: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.quarantinedRecords.deleteWhere(
      null,
      ({ resolvedAt }) => resolvedAt !== null && resolvedAt < before,
    )
  }
}
