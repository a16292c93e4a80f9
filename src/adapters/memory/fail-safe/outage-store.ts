import { isOpen } from '../../../domain/event-state.js'
import type { Channel } from '../../../domain/records/channel.js'
import { OutageStore } from '../../../fail-safe/outage-store.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byInstant } from '../sorting.js'

const RECENT_SALES_WINDOW_MS = 10 * 60_000

export class MemoryOutageStore extends OutageStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async recentSales(): Promise<Map<string, number>> {
    this.database.assertAvailable()
    const since = this.database.clock.now().getTime() - RECENT_SALES_WINDOW_MS
    const sales = new Map<string, number>()
    const recent = this.database.orders.where(
      null,
      ({ platform, seenAt }) => platform !== 'DIRECT' && seenAt.getTime() > since,
    )
    for (const { eventId, quantity } of recent) sales.set(eventId, (sales.get(eventId) ?? 0) + quantity)
    return sales
  }

  async openEventsBySoonestStart(now: Date): Promise<string[]> {
    this.database.assertAvailable()
    const events = this.database.events.where(null, (event) => isOpen(event, now))
    return events.toSorted(byInstant(({ startsAt }) => startsAt)).map(({ id }) => id)
  }

  async channelsToSweep(now: Date): Promise<Channel[]> {
    const channels = this.onSale(now).filter(({ needsSweepSince }) => needsSweepSince !== null)
    return channels
      .toSorted(byInstant(({ lastPullAt }) => lastPullAt))
      .toSorted(byInstant(({ needsSweepSince }) => needsSweepSince))
  }

  async importedChannels(now: Date): Promise<Channel[]> {
    const channels = this.onSale(now).filter(({ importedAt }) => importedAt !== null)
    return channels.toSorted(byInstant(({ lastPullAt }) => lastPullAt))
  }

  async clearSweepError(channelId: string): Promise<void> {
    this.database.assertAvailable()
    this.database.channels.updateWhere(
      null,
      ({ id, syncError }) => id === channelId && syncError?.startsWith('sweep:') === true,
      { syncError: null },
    )
  }

  async completeSweep(channelId: string, since: Date): Promise<void> {
    this.database.assertAvailable()
    this.database.channels.updateWhere(
      null,
      ({ id, needsSweepSince }) => id === channelId && needsSweepSince?.getTime() === since.getTime(),
      { needsSweepSince: null },
    )
  }

  async recordSweepError(channelId: string, error: string): Promise<void> {
    this.database.assertAvailable()
    this.database.channels.update(null, channelId, { syncError: `sweep: ${error}` })
  }

  async requireSweep(eventId: string, since: Date): Promise<void> {
    this.database.assertAvailable()
    this.database.channels.updateWhere(null, (channel) => channel.eventId === eventId, { needsSweepSince: since })
  }

  private onSale(now: Date): Channel[] {
    this.database.assertAvailable()
    return attachedChannels(this.database, null, (event) => isOpen(event, now))
  }
}
