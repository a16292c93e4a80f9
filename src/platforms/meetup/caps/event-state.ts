import { MAX_CAP, type CapReading, type ListingState } from '../../port.js'
import type { ChannelMode } from '../../../domain/channel.js'
import { ContractError, isObject, type JsonObject, requireObject } from '../../kit/response-shape.js'
import { countOrNull } from '../client/contract.js'

/** An event as shown by one counts query. */
export interface EventCounts {
  cap: Exclude<CapReading, null>
  guestLimit: number | null
  closed: boolean
  state: ListingState
  /** False: none (paid events). */
  hasWaitlist: boolean | null
  /** RSVPs that hold a seat, including hidden members; null if Meetup does not count them. */
  rsvps: number | null
  /** Meetup's own count of YES; whether of RSVPs or of attendees is not documented. */
  yesCount: number | null
}

/** The event as shown by the response to a mutation; undefined: not shown. */
export interface EventAfterWrite {
  cap: Exclude<CapReading, null> | undefined
  closed: boolean | undefined
  /** Null: not shown. */
  guestLimit: number | null
}

/** @throws ContractError */
export function readCounts(event: JsonObject): EventCounts {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  // An event without settings of its own has RSVPs open; a missing field is a contract error.
  if (event['rsvpSettings'] !== null) requireObject(event['rsvpSettings'], 'event.rsvpSettings')
  const waitlistMode = event['waitlistMode']
  return {
    cap: readLimit(event['maxTickets'], 'event.maxTickets'),
    guestLimit: countOrNull(event['guestLimit']),
    closed: isClosed(event),
    state: stateOf(event['status']),
    hasWaitlist: waitlistMode === 'AUTO' ? true : waitlistMode === 'OFF' ? false : null,
    rsvps: countOrNull(rsvps['totalCount']),
    yesCount: countOrNull(rsvps['yesCount']),
  }
}

/** @throws ContractError */
export function readAfterWrite(event: JsonObject): EventAfterWrite {
  const settings = isObject(event['rsvpSettings']) ? event['rsvpSettings'] : {}
  const closed = settings['rsvpsClosed']
  return {
    cap: event['maxTickets'] === undefined ? undefined : readLimit(event['maxTickets'], 'event.maxTickets'),
    closed: closed === undefined ? undefined : closed === true,
    guestLimit: countOrNull(event['guestLimit']),
  }
}

/** Whether the event shows RSVPs as closed. */
export function isClosed({ rsvpSettings }: JsonObject): boolean {
  return isObject(rsvpSettings) && rsvpSettings['rsvpsClosed'] === true
}

/** The mode for a buyer: closed or full is waitlist only. */
export function modeOf(cap: CapReading, closed: boolean, sold: number | null): ChannelMode {
  if (closed) return 'WAITLIST_ONLY'
  if (cap === 'UNLIMITED') return 'OPEN'
  if (cap === null || sold === null) return 'UNKNOWN'
  return sold >= cap ? 'WAITLIST_ONLY' : 'OPEN'
}

const STATES = new Map<unknown, ListingState>([
  ['ACTIVE', 'LIVE'],
  ['CANCELLED', 'CANCELLED'],
  ['CANCELLED_PERM', 'CANCELLED'],
  ['AUTOSCHED_CANCELLED', 'CANCELLED'],
  ['PAST', 'ENDED'],
  ['AUTOSCHED_FINISHED', 'ENDED'],
])

/** The states of drafts and blocked events require no action, and map to UNKNOWN. */
export function stateOf(status: unknown): ListingState {
  return STATES.get(status) ?? 'UNKNOWN'
}

/** Null, 0 or less, and values above MAX_CAP: no limit. A missing field throws. */
export function readLimit(value: unknown, field: string): number | 'UNLIMITED' {
  if (value === null) return 'UNLIMITED'
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ContractError(field, 'a whole number or null')
  return value <= 0 || value > MAX_CAP ? 'UNLIMITED' : value
}
