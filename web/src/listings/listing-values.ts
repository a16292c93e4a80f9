import type { Schemas } from '../api/client'
import type { Choice } from './choice'

type ChannelBody = Schemas['ChannelBody']

/** Platforms on which a listing can be entered. */
export const PLATFORMS: readonly ChannelBody['platform'][] = ['EVENTBRITE', 'LUMA', 'MEETUP', 'MANUAL']

/** `MAX_LABEL_LENGTH` of the service. */
const MAX_LABEL_LENGTH = 100

export interface ListingValues {
  platform: ChannelBody['platform']
  /** Empty: the only one of the platform. */
  connectionId: string
  externalEventId: string
  externalTicketClassId: string
  label: string
  weight: string | number
  /** Null: entered by its id. */
  choice: Choice | null
}

export function newListing(platform: ChannelBody['platform'] = 'EVENTBRITE'): ListingValues {
  const empty = { connectionId: '', externalEventId: '', externalTicketClassId: '', label: '' }
  return { platform, ...empty, weight: 1, choice: null }
}

/** A ticket type is called by its name. */
export function chosenListing(choice: Choice): ListingValues {
  const { connection, listing, type } = choice
  return {
    ...newListing(connection.platform),
    connectionId: connection.id,
    externalEventId: listing.externalEventId,
    externalTicketClassId: type?.externalTicketClassId ?? '',
    label: type?.name.trim().slice(0, MAX_LABEL_LENGTH) ?? '',
    choice,
  }
}

export function listingBody({ platform, weight, ...texts }: ListingValues): ChannelBody {
  const externalTicketClassId = platform === 'MANUAL' ? '' : texts.externalTicketClassId.trim()
  const label = texts.label.trim()
  return {
    platform,
    ...(texts.connectionId === '' ? {} : { connectionId: texts.connectionId }),
    externalEventId: texts.externalEventId.trim(),
    weight: Number(weight),
    ...(externalTicketClassId === '' ? {} : { externalTicketClassId }),
    ...(label === '' ? {} : { label }),
  }
}
