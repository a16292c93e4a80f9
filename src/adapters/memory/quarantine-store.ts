import type { ChannelName } from '../../domain/channel.js'
import { QuarantineStore, type QuarantineRow } from '../../inventory/quarantine-store.js'
import type { MemoryDatabase } from './memory-database.js'

export class MemoryQuarantineStore extends QuarantineStore {
  private lastId = 0

  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(
    { id: channelId, eventId, platform }: { id: string; eventId: string; platform: ChannelName },
    rows: readonly QuarantineRow[],
  ): Promise<void> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    for (const { externalOrderId, reason, excerpt } of rows) {
      const counted = this.database.quarantinedRecords.updateWhere(
        null,
        (row) =>
          row.channelId === channelId &&
          row.resolvedAt === null &&
          row.externalOrderId === externalOrderId &&
          (externalOrderId !== null || row.reason === reason),
        ({ attempts }) => ({ reason, excerpt, attempts: attempts + 1, lastSeenAt: now }),
      )
      if (counted > 0) continue
      const id = `qtn_${String(++this.lastId).padStart(32, '0')}`
      const seen = { firstSeenAt: now, lastSeenAt: now, attempts: 1, resolvedAt: null }
      const row = { id, eventId, channelId, platform, externalOrderId, reason, excerpt, ...seen }
      this.database.quarantinedRecords.insert(null, row)
    }
  }

  async openOrders(channelId: string): Promise<{ id: string; externalOrderId: string }[]> {
    this.database.assertAvailable()
    return this.database.quarantinedRecords
      .where(null, (row) => row.channelId === channelId && row.resolvedAt === null)
      .flatMap(({ id, externalOrderId }) => (externalOrderId === null ? [] : [{ id, externalOrderId }]))
  }

  async resolve(ids: readonly string[], at: Date): Promise<void> {
    this.database.assertAvailable()
    this.database.quarantinedRecords.updateWhere(null, ({ id }) => ids.includes(id), { resolvedAt: at })
  }

  async resolveUnseen(channelId: string, since: Date, at: Date): Promise<void> {
    this.database.assertAvailable()
    this.database.quarantinedRecords.updateWhere(
      null,
      (row) => row.channelId === channelId && row.resolvedAt === null && row.lastSeenAt < since,
      { resolvedAt: at },
    )
  }
}
