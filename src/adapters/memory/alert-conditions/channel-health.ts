import {
  ChannelHealth,
  type ChannelPlace,
  type LiveChannel,
  type LiveChannelFilter,
  type LiveConnection,
} from '../../../alert-conditions/channel-health.js'
import { isLive } from '../../../domain/events/event-state.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryChannelHealth extends ChannelHealth {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async live(now: Date, filter: LiveChannelFilter): Promise<LiveChannel[]> {
    const channels = this.liveChannels(now).filter((channel) => meets(channel, filter))
    return channels.toSorted(byId)
  }

  async liveConnections(now: Date): Promise<LiveConnection[]> {
    const connections = this.liveChannels(now).map(({ connectionId, platform }) => [connectionId, platform] as const)
    return [...new Map(connections)].map(([id, platform]) => ({ id, platform }))
  }

  async notSynchronized(): Promise<ChannelPlace[]> {
    this.database.assertAvailable()
    return this.database.channels.where(null, ({ syncError }) => syncError !== null).map(placeOf)
  }

  async withoutDesiredCap(now: Date): Promise<ChannelPlace[]> {
    const behind = this.liveChannels(now).filter(({ desiredMode, confirmedCap, desiredCap, unconfirmedCap }) => {
      return desiredMode === 'OPEN' && (confirmedCap !== desiredCap || unconfirmedCap !== null)
    })
    return behind.map(placeOf)
  }

  private liveChannels(now: Date): LiveChannel[] {
    this.database.assertAvailable()
    const { events, sweeps } = this.database
    return attachedChannels(this.database, null, (event) => isLive(event, now)).flatMap((channel) => {
      const event = events.get(null, channel.eventId)
      return event ? [{ ...channel, event, sweep: sweeps.get(null, channel.id) ?? null }] : []
    })
  }
}

function placeOf({ eventId, platform }: ChannelPlace): ChannelPlace {
  return { eventId, platform }
}

function meets(
  channel: LiveChannel,
  { imported, failed, notClosed, hasTask, listingStates }: LiveChannelFilter,
): boolean {
  const { importedAt, syncError, sweep, confirmedMode, unconfirmedMode, taskCap, listingState } = channel
  return (
    (imported === undefined || imported === (importedAt !== null)) &&
    (!failed || syncError !== null || (sweep?.readFailedAt ?? null) !== null) &&
    (!notClosed || confirmedMode !== 'WAITLIST_ONLY' || unconfirmedMode !== null) &&
    (!hasTask || taskCap !== null) &&
    (listingStates?.includes(listingState) ?? true)
  )
}
