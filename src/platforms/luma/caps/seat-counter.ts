import type { Failure, Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import type { LumaClient, LumaContext } from '../client/client.js'
import { readGuestPage, type GuestRow } from '../orders/guest-pages.js'
import { STATUSES_WITHOUT_SEAT, seatsOf, type GuestStatus } from '../orders/guest.js'
import { advance, AT_START, type Progress } from '../client/pages.js'

/** Seats by ticket type; null: seats without a type. */
export type SeatCount = Map<string | null, number>

export interface SeatCounts {
  byStatus: Map<GuestStatus, SeatCount>
  /** By the local clock. */
  startedAt: Date
}

/** The list being counted: its guests so far, with the types of their seats. */
interface ListProgress {
  status: GuestStatus | null
  guests: Map<string, (string | null)[]>
  cursor: string | null
  progress: Progress
  /** A row was returned twice: another was inserted before it, perhaps on a page already read. */
  shifted: boolean
  /** Whether this is the second pass over a list that shifted. */
  secondPass: boolean
}

interface Tally extends SeatCounts {
  list: ListProgress
}

/** An older count is restarted: too much has changed since. */
const STALE_MS = 600_000
const MAX_STORED = 50

const newList = (status: GuestStatus | null): ListProgress => ({
  status,
  guests: new Map(),
  cursor: null,
  progress: AT_START,
  shifted: false,
  secondPass: false,
})

/**
 * Counts seats by reading guest lists: ⌈guests/100⌉ calls per status, at least one. A count that runs out of budget or
 * time is stored and resumed by the next one of the same event, so that it completes over several operations. Statuses
 * are read in the given order: a guest who moves from an earlier to a later one during the count is counted twice, never
 * missed. A list whose rows shifted towards the end during the read is read twice; every guest seen is counted.
 */
export class SeatCounter {
  private readonly tallies = new Map<string, Tally>()

  constructor(
    private readonly client: LumaClient,
    private readonly now: () => Date,
  ) {}

  /** Fails if a page fails. */
  async count(eventId: string, statuses: readonly GuestStatus[], context: LumaContext): Promise<Outcome<SeatCounts>> {
    const tally = this.takeOrStart(eventId, context)
    let calls = 0
    for (const status of statuses) {
      while (!tally.byStatus.has(status)) {
        const failure =
          calls++ > 0 && this.isPastDeadline(context)
            ? this.throttled()
            : await this.readPage(eventId, status, tally, context)
        if (!failure) continue
        if (failure.kind === 'THROTTLED') this.store(eventId, tally)
        return failure
      }
    }
    return ok(tally)
  }

  /** Stores a finished count, for an operation that ran out of budget after it. */
  store(eventId: string, counts: SeatCounts): void {
    this.tallies.set(eventId, 'list' in counts ? (counts as Tally) : { ...counts, list: newList(null) })
    const [oldest] = this.tallies.keys()
    if (this.tallies.size > MAX_STORED && oldest !== undefined) this.tallies.delete(oldest)
  }

  /** For a write: counts made before it do not show its effect. */
  discard(eventId: string): void {
    this.tallies.delete(eventId)
  }

  private takeOrStart(eventId: string, { progress }: LumaContext): Tally {
    const stored = this.tallies.get(eventId)
    this.tallies.delete(eventId)
    const now = this.now()
    if (stored && now.getTime() - stored.startedAt.getTime() < STALE_MS) {
      if (progress) progress.resumed = true
      return stored
    }
    return { byStatus: new Map(), startedAt: now, list: newList(null) }
  }

  /** Adds a page to the tally. Null: success. */
  private async readPage(
    eventId: string,
    status: GuestStatus,
    tally: Tally,
    context: LumaContext,
  ): Promise<Failure | null> {
    const list = tally.list.status === status ? tally.list : newList(status)
    const query = { eventId, status, cursor: list.cursor, direction: 'asc nulls last' } as const
    const page = await readGuestPage(this.client, query, context)
    if (page.kind !== 'OK') return page
    const { entries, nextCursor } = page.value
    const sizeBefore = list.guests.size
    entries.forEach((row, index) => list.guests.set(...seatTypesOf(row, `row ${list.progress.pages} ${index}`)))
    const newGuests = list.guests.size - sizeBefore
    const shifted = list.shifted || newGuests < entries.length
    if (nextCursor === null) {
      if (shifted && !list.secondPass) tally.list = { ...newList(status), guests: list.guests, secondPass: true }
      else tally.byStatus.set(status, totals(list.guests))
      return null
    }
    const progress = advance(list.progress, nextCursor, list.secondPass ? entries.length : newGuests)
    if (progress.kind !== 'OK') return progress
    tally.list = { ...list, cursor: nextCursor, progress: progress.value, shifted }
    return null
  }

  private isPastDeadline({ deadline }: LumaContext): boolean {
    return deadline !== undefined && this.now().getTime() >= deadline
  }

  private throttled(): Failure {
    return { kind: 'THROTTLED', resumeAt: this.now() }
  }
}

/** Guests without a seat are not counted, even if the server ignores the requested status. */
function seatTypesOf(row: GuestRow, key: string): [string, (string | null)[]] {
  if ('unreadable' in row) return [row.unreadable.orderId ?? key, Array<null>(row.seats).fill(null)]
  const { guest } = row
  return [guest.id, STATUSES_WITHOUT_SEAT.has(guest.status) ? [] : seatsOf(guest).map(({ typeId }) => typeId)]
}

function totals(guests: ListProgress['guests']): SeatCount {
  const count: SeatCount = new Map()
  for (const typeId of [...guests.values()].flat()) count.set(typeId, (count.get(typeId) ?? 0) + 1)
  return count
}

/** Seats of one ticket type, or of all. Seats without a type count for every type: too many is safe, too few is not. */
export function seatsIn(count: SeatCount | undefined, ticketTypeId: string | null): number {
  if (count === undefined) return 0
  if (ticketTypeId !== null) return (count.get(ticketTypeId) ?? 0) + (count.get(null) ?? 0)
  return [...count.values()].reduce((sum, seats) => sum + seats, 0)
}
