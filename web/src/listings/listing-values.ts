import type { Schemas } from '../api/client'

type ChannelBody = Schemas['ChannelBody']

/** Platforms on which a listing can be chosen. */
export const PLATFORMS: readonly ChannelBody['platform'][] = ['EVENTBRITE', 'LUMA', 'MEETUP', 'MANUAL']

export interface ListingValues {
  platform: ChannelBody['platform']
  externalEventId: string
  externalTicketClassId: string
  label: string
  weight: string | number
}

export function newListing(): ListingValues {
  return { platform: 'EVENTBRITE', externalEventId: '', externalTicketClassId: '', label: '', weight: 1 }
}

export function listingBody({ platform, weight, ...texts }: ListingValues): ChannelBody {
  const externalTicketClassId = platform === 'MANUAL' ? '' : texts.externalTicketClassId.trim()
  const label = texts.label.trim()
  return {
    platform,
    externalEventId: texts.externalEventId.trim(),
    weight: Number(weight),
    ...(externalTicketClassId === '' ? {} : { externalTicketClassId }),
    ...(label === '' ? {} : { label }),
  }
}
