/** The sales of one channel of an event. */
export interface SalesTotal {
  /** The id of the channel, or DIRECT. */
  channelId: string
  /** Whether the orders were first seen before `until`. */
  settled: boolean
  /** Decaying sums of the tickets as of `now`, one per half-life (`HALF_LIVES`). */
  layers: number[]
  /** When the first and the last of the orders were placed. */
  first: Date
  last: Date
}

/**
 * Totals of recorded orders. An order counts at the instant at which it was placed; where the platform does not report it,
 * at its first version (Meetup's time of the RSVP), or when it was first seen; never later than when it was first seen.
 * Cancelled tickets count too.
 */
export abstract class SalesTotals {
  /**
   * Totals of the orders first seen at `since` or later: one per channel of those seen before `until`, and one of the
   * others, in no particular order. Channels without tickets are missing.
   */
  abstract seenSince(eventId: string, period: { since: Date; until: Date; now: Date }): Promise<SalesTotal[]>

  /**
   * Tickets of orders on platforms first seen within the last 10 minutes of the database's clock, per event. Events
   * without any are missing.
   */
  abstract recentOnPlatforms(): Promise<Map<string, number>>
}
