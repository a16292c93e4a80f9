import type { ChannelMode } from '../../domain/channel.js'
import type { CallContext, ListingState, Outcome } from '../port.js'
import { decodeAnswer, type EventbriteClient, type Seen } from './client.js'
import { isObject, optionalInstant, optionalText, type JsonObject } from './fields.js'

/** What an event tells of its sale, read with `expand=event_sales_status,ticket_availability`. */
export interface EventStatus {
  salesStatus: string | null
  waitlistAvailable: boolean | null
  listingState: ListingState
  start: Date | null
  end: Date | null
}

export const EVENT_STATUS_EXPANSIONS = 'event_sales_status,ticket_availability'

export function asksForState({ lane, state = false }: CallContext): boolean {
  return state || lane === 'bulk'
}

/** 1 call. */
export async function fetchEventStatus(
  client: EventbriteClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<Seen<EventStatus>>> {
  const call = { path: ['events', eventId], operation: 'read_event', query: { expand: EVENT_STATUS_EXPANSIONS } }
  return decodeAnswer(await client.get(call, context), readEventStatus)
}

/** A draft has been taken off sale or not been put on it yet: neither is an end. */
const LISTING_STATES: Partial<Record<string, ListingState>> = {
  live: 'LIVE',
  started: 'LIVE',
  ended: 'ENDED',
  completed: 'ENDED',
  canceled: 'CANCELLED',
  cancelled: 'CANCELLED',
  postponed: 'POSTPONED',
}

export function readEventStatus(body: JsonObject): EventStatus {
  const status = isObject(body.event_sales_status) ? body.event_sales_status : {}
  const availability = isObject(body.ticket_availability) ? body.ticket_availability : {}
  const waitlist = availability.waitlist_available
  return {
    salesStatus: optionalText(status, 'sales_status'),
    waitlistAvailable: typeof waitlist === 'boolean' ? waitlist : null,
    listingState: LISTING_STATES[optionalText(body, 'status')?.toLowerCase() ?? ''] ?? 'UNKNOWN',
    start: isObject(body.start) ? optionalInstant(body.start, 'utc') : null,
    end: isObject(body.end) ? optionalInstant(body.end, 'utc') : null,
  }
}

/** `unavailable` covers a sell-out by open carts as well as much else, so it stays unknown. */
export function modeOfEvent(figures: ChannelMode, status: EventStatus): ChannelMode {
  if (figures === 'WAITLIST_ONLY' || status.salesStatus === null) return figures
  if (status.salesStatus === 'on_sale') return 'OPEN'
  if (status.salesStatus === 'sold_out' || status.salesStatus === 'sales_ended') return 'WAITLIST_ONLY'
  return 'UNKNOWN'
}
