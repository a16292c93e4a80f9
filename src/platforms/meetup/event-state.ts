import type { CapReading } from '../port.js'
import type { ChannelMode } from '../../domain/channel.js'
import { asCountOrNull, asObject, countOrNull, isObject, type JsonObject } from './contract.js'

/** An event as one counts query shows it. */
export interface EventCounts {
  cap: Exclude<CapReading, null>
  guestLimit: number | null
  closed: boolean
  /** False where there is none (paid events). */
  hasWaitlist: boolean | null
  /** RSVPs that sit in a seat, hidden members among them; null where Meetup does not count them. */
  rsvps: number | null
  /** Meetup's own count of YES: of RSVPs or of heads, it does not say which. */
  yesCount: number | null
}

/** What a mutation's answer shows of the event; undefined where it shows nothing. */
export interface EventAfterWrite {
  cap: Exclude<CapReading, null> | undefined
  closed: boolean | undefined
}

/** @throws ContractError */
export function readCounts(event: JsonObject): EventCounts {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  // An event without settings of its own has RSVPs open; a missing field is no answer.
  const settings = event['rsvpSettings'] === null ? {} : asObject(event['rsvpSettings'], 'event.rsvpSettings')
  const waitlistMode = event['waitlistMode']
  return {
    cap: readLimit(event['maxTickets'], 'event.maxTickets'),
    guestLimit: countOrNull(event['guestLimit']),
    closed: settings['rsvpsClosed'] === true,
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
  }
}

/** What a buyer meets: closed or full is waitlist only. */
export function modeOf(cap: CapReading, closed: boolean, sold: number | null): ChannelMode {
  if (closed) return 'WAITLIST_ONLY'
  if (cap === 'UNLIMITED') return 'OPEN'
  if (cap === null || sold === null) return 'UNKNOWN'
  return sold >= cap ? 'WAITLIST_ONLY' : 'OPEN'
}

/** Null and 0 both mean that there is no limit. A missing field means that nothing is known. */
function readLimit(value: unknown, field: string): number | 'UNLIMITED' {
  const limit = asCountOrNull(value, field)
  return limit === null || limit === 0 ? 'UNLIMITED' : limit
}
