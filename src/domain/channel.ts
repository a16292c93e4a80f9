/** The external platforms that sell tickets of an event. */
export const PLATFORMS = ['MEETUP', 'EVENTBRITE', 'LUMA'] as const
export type Platform = (typeof PLATFORMS)[number]

/** A channel is one event on one platform, or the event's direct sales. */
export const CHANNELS = [...PLATFORMS, 'DIRECT'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** What a buyer sees on a platform. `UNKNOWN` until the platform has confirmed one of the other modes. */
export type ChannelMode = 'OPEN' | 'WAITLIST_ONLY' | 'UNKNOWN'

/** Priority lanes of outbound calls: `protect` lowers exposure, `grow` raises it, `bulk` only reads. */
export type Lane = 'protect' | 'grow' | 'bulk'

export function isPlatform(value: string): value is Platform {
  return (PLATFORMS as readonly string[]).includes(value)
}
