import type { Channel } from '../domain/records/channel.js'

/** What closing and recovery read and record about events and channels. */
export abstract class OutageStore {
  /** Tickets sold on platforms within the last 10 minutes, per event; events without sales are missing. */
  abstract recentSales(): Promise<Map<string, number>>

  /** Ids of the open events, soonest start first. */
  abstract openEventsBySoonestStart(now: Date): Promise<string[]>

  /** Attached channels of open events that must be read before they reopen, longest waiting first, never read ones before others. */
  abstract channelsToSweep(now: Date): Promise<Channel[]>

  /** All imported, attached channels of open events, longest not read first. */
  abstract importedChannels(now: Date): Promise<Channel[]>

  /** The channel was read completely: removes the error of an earlier sweep. */
  abstract clearSweepError(channelId: string): Promise<void>

  /** Ends the wait of a channel unless a later outage requires another sweep than that of `since`. */
  abstract completeSweep(channelId: string, since: Date): Promise<void>

  /** The error is shown as `sweep: <error>` until a sweep succeeds. */
  abstract recordSweepError(channelId: string, error: string): Promise<void>

  /** Every channel of the event must be read before it reopens. */
  abstract requireSweep(eventId: string, since: Date): Promise<void>
}
