import type { Channel } from '../../../domain/channel-record.js'
import { RecountRequests } from '../../../orders/recount-requests.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryRecountRequests extends RecountRequests {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async request(channelId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.channels.update(
      null,
      channelId,
      ({ recountAt }) => ({ recountAt: recountAt && recountAt < at ? recountAt : at, recounts: 0 }),
      countBlocksUnits,
    )
  }
}

function countBlocksUnits(channel: Channel): boolean {
  const { platformSold, pendingTickets, desiredMode, pausedSince, confirmedCap, desiredCap } = channel
  if (platformSold === null) return false
  if (desiredMode !== 'OPEN' || pausedSince !== null) return true
  const caps = [confirmedCap, desiredCap].filter((cap) => cap !== null)
  return caps.length > 0 && platformSold + pendingTickets > Math.min(...caps)
}
