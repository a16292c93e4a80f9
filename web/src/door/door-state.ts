import type { Schemas } from '../api/client'
import type { Session } from '../api/session'
import type { CheckInResult } from './device/delivery'
import type { Queued, QueuedCheckIn, QueuedWalkIn } from './device/queue'
import type { ListedTimes } from './people/confirmed-times'
import { firstTime, People, type Person, type Ticket, type Times } from './people/people'

export type DoorEvent = Schemas['DeviceEventDto']
type DeviceList = Schemas['DeviceListDto']

/** Of the connection to the service. */
export type Contact = 'live' | 'offline' | 'signed-out'

/** What the device keeps of an event besides the people; check-ins that the service has confirmed. */
export interface KeptState {
  event: DoorEvent
  version: string
  times: (readonly [ticketId: string, at: string])[]
  /** Confirmed, and not in `times` yet. */
  own: (readonly [ticketId: string, at: string])[]
  /** The names of conflicts. */
  letIn: (readonly [conflictId: number, name: string])[]
  userId: string
  /** Null: reopening the page requires a login. */
  session: Session | null
}

/** A check-in of this device that is not the one that counts, or people counted here only. Without a name: it outlives the list. */
export interface StoredConflict {
  id: number
  eventId: string
  ticketId: string | null
  /** People without a ticket. */
  walkIns?: number
  at: string
  /** When the ticket was checked in first; null: it is not valid. */
  firstAt: string | null
  detail: string | null
}

export interface Conflict extends StoredConflict {
  /** Who was let in, as this device knew it then: the ticket may be another person's now. */
  name: string | null
}

/** What a scan or a tap shows. */
export interface Outcome {
  kind: 'checking' | 'in' | 'again' | 'refused' | 'unlisted'
  person: Person | null
  /** Of the first check-in. */
  at: string | null
  detail: string | null
  /** Of an unlisted ticket. */
  code: string | null
}

/** How long after its end an event is kept on a device, ms. */
const KEPT_AFTER_END_MS = 48 * 3_600_000

export function hasEnded({ state, endsAt }: DoorEvent, now: Date): boolean {
  return state === 'ENDED' || Date.parse(endsAt) + KEPT_AFTER_END_MS <= now.getTime()
}

export function peopleOf(items: NonNullable<DeviceList['items']>): People {
  return new People(
    items.map(({ tickets, ...person }) => ({
      ...person,
      tickets: tickets.map(({ id, code, ticketType }) => ({ id, code, ticketType })),
    })),
  )
}

export function timesOf({ items, checkIns }: DeviceList): ListedTimes {
  if (!items)
    return { isWhole: false, times: checkIns.map(({ ticketId, checkedInAt }) => [ticketId, checkedInAt] as const) }
  const tickets = items.flatMap((person) => person.tickets)
  const times = tickets.flatMap(({ id, checkedInAt }) => (checkedInAt === null ? [] : [[id, checkedInAt] as const]))
  return { isWhole: true, times }
}

/** The times as this device shows them: with its own check-ins that the service has not confirmed. */
export function withQueued(times: Times, queue: readonly Queued[]): Times {
  const shown = new Map(times)
  for (const entry of queue) {
    if (entry.kind === 'check-in' && entry.ticketId !== null && !shown.has(entry.ticketId))
      shown.set(entry.ticketId, entry.at)
  }
  return shown
}

/** How many are in the room: tickets that are in, and people without one, those counted here included. */
export function inTheRoom(times: Times, walkIns: number, queue: readonly Queued[]): number {
  const counted = queue.reduce((sum, entry) => sum + (entry.kind === 'walk-in' ? entry.quantity : 0), 0)
  return times.size + walkIns + counted
}

/** The result to a check-in when it is not the one that counts; null: it is. */
export function conflictOf(
  { eventId, ticketId, at }: QueuedCheckIn,
  result: CheckInResult,
): Omit<StoredConflict, 'id'> | null {
  const firstAt = result.checkedInAt ?? null
  if (result.status === 200 && (result.first || isSame(firstAt, at))) return null
  const own = { eventId, ticketId: result.ticketId ?? ticketId, at }
  return { ...own, firstAt, detail: result.detail ?? null }
}

export function refusedWalkIn({ eventId, at, quantity }: QueuedWalkIn, detail: string): Omit<StoredConflict, 'id'> {
  return { eventId, ticketId: null, walkIns: quantity, at, firstAt: null, detail }
}

export function outcomeOf(entry: QueuedCheckIn, result: CheckInResult | undefined, person: Person | null): Outcome {
  const scanned = { person, code: null }
  if (!result) return { ...scanned, kind: 'in', at: entry.at, detail: 'Kept on this phone until it is back online.' }
  const conflict = conflictOf(entry, result)
  if (!conflict) return { ...scanned, kind: 'in', at: result.checkedInAt ?? entry.at, detail: null }
  if (conflict.firstAt === null) return { ...scanned, kind: 'refused', at: null, detail: conflict.detail }
  return { ...scanned, kind: 'again', at: conflict.firstAt, detail: null }
}

export function again(person: Person, times: Times, ticket: Ticket | null): Outcome {
  const at = (ticket && times.get(ticket.id)) ?? firstTime(person, times) ?? null
  return { kind: 'again', person, at, detail: null, code: null }
}

function isSame(one: string | null, other: string): boolean {
  return one !== null && Date.parse(one) === Date.parse(other)
}
