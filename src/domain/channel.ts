/** The three places outside this service that sell tickets of an event. */
export const PLATFORMS = ['MEETUP', 'EVENTBRITE', 'LUMA'] as const
export type Platform = (typeof PLATFORMS)[number]

/** A channel is one event on one platform, or the event's own direct sale. */
export const CHANNELS = [...PLATFORMS, 'DIRECT'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** What a buyer meets on a platform. `UNKNOWN` until a platform has confirmed one of the others. */
export type ChannelMode = 'OPEN' | 'WAITLIST_ONLY' | 'UNKNOWN'

/** Outbound lanes by what starving them costs: `protect` lowers exposure, `grow` raises it, `bulk` only reads. */
export type Lane = 'protect' | 'grow' | 'bulk'

export function isPlatform(value: string): value is Platform {
  return (PLATFORMS as readonly string[]).includes(value)
}
