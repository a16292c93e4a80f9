import type { ChannelMode } from '../../../domain/channel.js'
import type { CallContext, ListingState, Outcome } from '../../port.js'
import { decodeResponse, type EventbriteClient, type WithWaypoint } from '../client/client.js'
import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { optionalInstant, optionalText } from '../client/contract.js'

/** State of an event and its sale, read with `expand=event_sales_status,ticket_availability`. */
export interface EventStatus {
  salesStatus: string | null
  waitlistAvailable: boolean | null
  listingState: ListingState
  start: Date | null
  end: Date | null
}

export const EVENT_STATUS_EXPANSIONS = 'event_sales_status,ticket_availability'

export function includesState({ lane, state = false }: CallContext): boolean {
  return state || lane === 'bulk'
}

/** 1 call. */
export async function fetchEventStatus(
  client: EventbriteClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<WithWaypoint<EventStatus>>> {
  const call = { path: ['events', eventId], operation: 'read_event', query: { expand: EVENT_STATUS_EXPANSIONS } }
  return decodeResponse(await client.get(call, context), readEventStatus)
}

/** A draft is not listed: it was taken off sale or is not on sale yet, which does not mean that it has ended. */
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

/**
 * `tierMode`: the mode by the capacity tier alone. `unavailable` may mean sold out by open carts or much else, so it is
 * unknown.
 */
export function modeOfEvent(tierMode: ChannelMode, status: EventStatus): ChannelMode {
  if (tierMode === 'WAITLIST_ONLY' || status.salesStatus === null) return tierMode
  if (status.salesStatus === 'on_sale') return 'OPEN'
  if (status.salesStatus === 'sold_out' || status.salesStatus === 'sales_ended') return 'WAITLIST_ONLY'
  return 'UNKNOWN'
}
