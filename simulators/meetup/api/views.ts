import { GraphQLError } from 'graphql'
import { GROUP } from './only-group.js'
import { rsvpConnection, type RsvpArgs } from './paging.js'
import type { EventRecord, RsvpRecord } from '../state/model.js'
import type { MeetupState, EventSnapshot } from '../state/state.js'

const ZONE = { minutes: -300, text: '-05:00' }

/** A time in Meetup's format: to the second, in the event's zone, e.g. `2026-12-03T18:30:00-05:00`. */
export function meetupTime(ms: number): string {
  return `${new Date(ms + ZONE.minutes * 60_000).toISOString().slice(0, 19)}${ZONE.text}`
}

export function meetupTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : meetupTime(ms)
}

/** The state and permissions that one request reads with. */
export interface Viewer {
  state: MeetupState
  /** Null: without a token. */
  memberId: string | null
  /** Reads return the state of this instant, ms since the epoch. */
  at: number
  /** The faults to inject into a page of RSVPs. */
  pageFaults: (event: EventRecord, args: RsvpArgs) => { empty: boolean; truncated: boolean }
}

/** An event in the result of a query or mutation. */
export function eventView({ event, rsvps }: EventSnapshot, viewer: Viewer) {
  return {
    ...event,
    dateTime: meetupTime(event.dateTime),
    endTime: meetupTime(event.dateTime + 7_200_000),
    eventUrl: `https://www.meetup.com/example-group/events/${event.id}/`,
    guestsAllowed: event.guestLimit > 0,
    numberOfAllowedGuests: event.guestLimit,
    waitlistMode: event.feeRequired ? 'OFF' : 'AUTO',
    rsvpSettings: {
      rsvpsClosed: event.rsvpsClosed,
      rsvpOpenTime: meetupTimeOrNull(event.rsvpOpenTime),
      rsvpCloseTime: meetupTimeOrNull(event.rsvpCloseTime),
    },
    group: GROUP,
    venues: [{ id: `venue-${event.id}`, name: event.venue }],
    feeSettings: event.feeRequired ? { required: true, amount: 10 } : null,
    rsvps: (args: RsvpArgs) => rsvpsView(event, rsvps, args, viewer),
  }
}

function rsvpsView(event: EventRecord, rsvps: RsvpRecord[], args: RsvpArgs, viewer: Viewer) {
  const { maxFirst, yesCountIsHeads } = viewer.state.ports.toggles.current
  const rules = { maxFirst, yesCountIsHeads: yesCountIsHeads === 'yes', ...viewer.pageFaults(event, args) }
  const { edges, ...rest } = rsvpConnection(rsvps, args, rules)
  return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: rsvpView(node, viewer) })) }
}

export function rsvpView(rsvp: RsvpRecord, viewer: Viewer) {
  const { id, status, guestsCount, updated, isHost, memberId, memberName, email } = rsvp
  return {
    id,
    status,
    guestsCount,
    isHost,
    updated: meetupTime(updated),
    member: { id: memberId, name: memberName, email: () => visibleEmail(email, viewer) },
  }
}

function visibleEmail(email: string, { state }: Viewer): string {
  if (state.ports.toggles.current.emailVisible === 'yes') return email
  throw new GraphQLError('Not allowed to see the email', { extensions: { code: 'FORBIDDEN' } })
}

export function mayEdit({ organizers }: EventRecord, { memberId }: Viewer): boolean {
  return organizers === null || (memberId !== null && organizers.includes(memberId))
}
