/** The external platforms with an API. */
export const API_PLATFORMS = ['MEETUP', 'EVENTBRITE', 'LUMA'] as const
export type ApiPlatform = (typeof API_PLATFORMS)[number]

/** The external platforms that sell tickets of an event. `MANUAL`: listings that a person keeps. */
export const PLATFORMS = [...API_PLATFORMS, 'MANUAL'] as const
export type Platform = (typeof PLATFORMS)[number]

/** Where tickets are sold: a platform, or directly. An event may have several channels on one platform. */
export const CHANNELS = [...PLATFORMS, 'DIRECT'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** A channel of an event: one listing (or one ticket type of it) on a platform, or the event's direct sales. */
export interface ChannelRef {
  id: string
}

/** Direct sales, which every event has once. */
export const DIRECT = { id: 'DIRECT' } as const satisfies ChannelRef

/** What a buyer sees on a platform. `UNKNOWN` until the platform has confirmed one of the other modes. */
export type ChannelMode = 'OPEN' | 'WAITLIST_ONLY' | 'UNKNOWN'

/** Priority lanes of outbound calls: `protect` lowers exposure, `grow` raises it, `bulk` changes none. */
export type Lane = 'protect' | 'grow' | 'bulk'

export function isPlatform(value: string): value is Platform {
  return (PLATFORMS as readonly string[]).includes(value)
}

/** The platform of a row about one. Its column also allows `DIRECT`, which such a row never has. @throws RangeError */
export function platformOf(name: string): Platform {
  if (!isPlatform(name)) throw new RangeError(`not a platform: ${name}`)
  return name
}
