import type { Schemas } from '../api/client'
import { count } from '../ui/count'
import { labelOf } from '../ui/labels'

export type Listing = Schemas['ListingDto']
export type TicketType = Schemas['ListedTicketTypeDto']
export type Connection = Pick<Schemas['ConnectionDto'], 'id' | 'platform' | 'label'>

/** A listing as an account showed it. */
export interface Listed {
  connection: Connection
  listing: Listing
  /** When it was read, ms. */
  readAt: number
}

/** What a channel can be: a listing, or one ticket type of it. */
export interface Choice extends Listed {
  /** Null: the whole listing. */
  type: TicketType | null
}

type Place = Pick<Listed, 'connection' | 'listing'>

/** An account may be connected twice: the listing is the same. */
export function isSameListing(a: Place, b: Place): boolean {
  return a.connection.platform === b.connection.platform && a.listing.externalEventId === b.listing.externalEventId
}

export function isSameChoice(a: Choice, b: Choice): boolean {
  return isSameListing(a, b) && a.type?.externalTicketClassId === b.type?.externalTicketClassId
}

/** Not both: a listing and one of its ticket types would sell the same tickets. */
export function overlaps(a: Choice, b: Choice): boolean {
  return isSameListing(a, b) && (a.type === null) !== (b.type === null)
}

export const nameOf = (choice: Choice): string =>
  choice.type ? `${choice.listing.name}, ${choice.type.name}` : choice.listing.name

export const placeOf = ({ connection: { platform, label } }: Pick<Listed, 'connection'>): string =>
  `${labelOf(platform)}, ${label}`

/** What may be sold there at present, as far as the platform shows it. Null: it does not, or there is no limit. */
export function limitOf({ listing, type }: Choice): number | null {
  if (type) return type.capacity
  if (listing.capacity !== null) return listing.capacity
  const limits = listing.ticketTypes.map(({ capacity }) => capacity)
  return limits.length > 0 ? sumOf(limits) : null
}

/** Null: the platform does not show it. */
export const soldOf = ({ listing, type }: Choice): number | null => (type ?? listing).sold

/** Null: one of them is not known. */
export function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}

export function salesText(choice: Choice): string {
  const [sold, limit] = [soldOf(choice), limitOf(choice)]
  if (sold === null) return limit === null ? 'sales and limit not shown' : `sales not shown, limit ${count(limit)}`
  return limit === null ? `${count(sold)} sold, no limit shown` : `${count(sold)} of ${count(limit)} sold`
}
