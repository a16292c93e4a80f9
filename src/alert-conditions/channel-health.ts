import type { Channel, ListingState } from '../domain/channel-record.js'
import type { ChannelName, Platform } from '../domain/channel.js'
import type { Event } from '../domain/event-record.js'
import type { ChannelSweep } from '../inbound/polling/sweep-store.js'

/** A channel with its event and its schedule. */
export interface LiveChannel extends Channel {
  event: Event
  /** Null: it was never scheduled. */
  sweep: ChannelSweep | null
}

/** All conditions must be met; undefined: any. An empty list matches nothing. */
export interface LiveChannelFilter {
  imported?: boolean
  /** True: its last sync failed, or a read has failed, even if a later one succeeded. */
  failed?: true
  /** True: it is not confirmed as closed, or a mode was written whose outcome is unknown. */
  notClosed?: true
  /** True: a person is requested to set a cap there. */
  hasTask?: true
  listingStates?: readonly ListingState[]
}

/** All channels that an event has on a platform. */
export interface ChannelPlace {
  eventId: string
  platform: ChannelName
}

/** A connection that live channels name. */
export interface LiveConnection {
  id: string
  platform: Platform
}

/** What alert conditions read of channels. Live channels: attached to a live event. */
export abstract class ChannelHealth {
  /** By ascending id. */
  abstract live(now: Date, filter: LiveChannelFilter): Promise<LiveChannel[]>

  /** Connections with a live channel, each once, in no particular order. */
  abstract liveConnections(now: Date): Promise<LiveConnection[]>

  /** Where a channel of any event, even a detached one, cannot be synchronized; in no particular order. */
  abstract notSynchronized(): Promise<ChannelPlace[]>

  /** Where an attached channel that should be open has not confirmed its desired cap; in no particular order. */
  abstract withoutDesiredCap(now: Date): Promise<ChannelPlace[]>
}
