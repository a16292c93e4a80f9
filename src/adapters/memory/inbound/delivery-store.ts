import type { Platform } from '../../../domain/channel.js'
import {
  DeliveryStore,
  type DeadDelivery,
  type DeliveryFilter,
  type StoredDelivery,
} from '../../../inbound/dead-letters/delivery-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { DeliveryRow } from '../rows.js'
import { byId } from '../sorting.js'

export class MemoryDeliveryStore extends DeliveryStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add({ id, platform, connectionId, state, reason, headers, body, receivedAt }: DeadDelivery): Promise<void> {
    this.database.assertAvailable()
    const stored = { headers: { ...headers }, body: new Uint8Array(body), receivedAt }
    const unreplayed = { attempts: 1, createdAt: this.database.clock.now(), replayedAt: null }
    await this.database.deliveries.insert(null, { id, platform, connectionId, state, reason, ...stored, ...unreplayed })
  }

  async newest({ platform, state, before }: DeliveryFilter, limit: number): Promise<StoredDelivery[]> {
    this.database.assertAvailable()
    const rows = this.database.deliveries.where(
      null,
      (row) =>
        (before === undefined || row.id < before) &&
        (platform === undefined || row.platform === platform) &&
        (state === undefined || row.state === state),
    )
    return rows.toSorted(byId).toReversed().slice(0, limit).map(storedDelivery)
  }

  async find(id: string): Promise<StoredDelivery | null> {
    this.database.assertAvailable()
    const row = this.database.deliveries.get(null, id)
    return row ? storedDelivery(row) : null
  }

  async platformsWithFailed(): Promise<Platform[]> {
    this.database.assertAvailable()
    const failed = this.database.deliveries.where(null, ({ state }) => state === 'FAILED')
    return [...new Set(failed.map(({ platform }) => platform))]
  }

  async markReplayed(id: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const change = ({ attempts }: DeliveryRow) => ({
      state: 'REPLAYED' as const,
      replayedAt: at,
      attempts: attempts + 1,
    })
    await this.database.deliveries.update(null, id, change)
  }
}

function storedDelivery({ createdAt: _, ...row }: DeliveryRow): StoredDelivery {
  return row
}
