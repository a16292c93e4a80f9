import type { Failure, Outcome } from '../port.js'
import { ok } from './answers.js'
import type { LumaClient, LumaContext } from './client.js'
import { guestPage, type GuestRow } from './guest-pages.js'
import { HOLDS_NO_SEAT, seatsOf, type GuestStatus } from './guest.js'
import { advance, AT_START, type Progress } from './pages.js'

/** Seats by ticket type; null stands for seats whose type Luma does not name. */
export type SeatCount = Map<string | null, number>

export interface SeatCounts {
  byStatus: Map<GuestStatus, SeatCount>
  /** When the count began, by our clock. */
  since: Date
}

/** The list being counted: its guests so far, with the types of their seats. */
interface ListUnderWay {
  status: GuestStatus | null
  guests: Map<string, (string | null)[]>
  cursor: string | null
  progress: Progress
  /** A row came twice: one was put in before it, perhaps on a page that was read already. */
  shifted: boolean
  /** Whether this is the second reading, made for that. */
  again: boolean
}

interface Tally extends SeatCounts {
  list: ListUnderWay
}

/** A count that began so long ago is begun again: too much has changed under it. */
const STALE_MS = 600_000
const MAX_RETAINED = 50

const newList = (status: GuestStatus | null): ListUnderWay => ({
  status,
  guests: new Map(),
  cursor: null,
  progress: AT_START,
  shifted: false,
  again: false,
})

/**
 * Counts seats by reading guest lists: ⌈guests/100⌉ calls per status, at least one. A count that runs out of budget or
 * time is put aside and resumed by the next one of the same event, so that each brings it nearer to its end. Statuses
 * are read in the order given: whoever moves from an earlier to a later one meanwhile counts in both, never in none. A
 * list whose rows moved towards its end while it was read is read once more; whoever was seen at all is counted.
 */
export class SeatCounter {
  private readonly kept = new Map<string, Tally>()

  constructor(
    private readonly client: LumaClient,
    private readonly now: () => Date,
  ) {}

  /** A page that fails makes the whole count fail. */
  async count(eventId: string, statuses: readonly GuestStatus[], context: LumaContext): Promise<Outcome<SeatCounts>> {
    const tally = this.resumed(eventId)
    let calls = 0
    for (const status of statuses) {
      while (!tally.byStatus.has(status)) {
        const failure =
          calls++ > 0 && this.isOver(context) ? this.later() : await this.readPage(eventId, status, tally, context)
        if (!failure) continue
        if (failure.kind === 'THROTTLED') this.keep(eventId, tally)
        return failure
      }
    }
    return ok(tally)
  }

  /** Puts a finished count aside, for an operation that ran out of budget after it. */
  keep(eventId: string, counts: SeatCounts): void {
    this.kept.set(eventId, 'list' in counts ? (counts as Tally) : { ...counts, list: newList(null) })
    const [oldest] = this.kept.keys()
    if (this.kept.size > MAX_RETAINED && oldest !== undefined) this.kept.delete(oldest)
  }

  /** After a write only what is counted from then on tells what it left behind. */
  forget(eventId: string): void {
    this.kept.delete(eventId)
  }

  private resumed(eventId: string): Tally {
    const known = this.kept.get(eventId)
    this.kept.delete(eventId)
    const now = this.now()
    if (known && now.getTime() - known.since.getTime() < STALE_MS) return known
    return { byStatus: new Map(), since: now, list: newList(null) }
  }

  /** Null: read; the tally has it. */
  private async readPage(
    eventId: string,
    status: GuestStatus,
    tally: Tally,
    context: LumaContext,
  ): Promise<Failure | null> {
    const list = tally.list.status === status ? tally.list : newList(status)
    const query = { eventId, status, cursor: list.cursor, direction: 'asc nulls last' } as const
    const page = await guestPage(this.client, query, context)
    if (page.kind !== 'OK') return page
    const { entries, nextCursor } = page.value
    const before = list.guests.size
    entries.forEach((row, index) => list.guests.set(...seatTypesOf(row, `row ${list.progress.pages} ${index}`)))
    const brought = list.guests.size - before
    const shifted = list.shifted || brought < entries.length
    if (nextCursor === null) {
      if (shifted && !list.again) tally.list = { ...newList(status), guests: list.guests, again: true }
      else tally.byStatus.set(status, totals(list.guests))
      return null
    }
    const further = advance(list.progress, nextCursor, list.again ? entries.length : brought)
    if (further.kind !== 'OK') return further
    tally.list = { ...list, cursor: nextCursor, progress: further.value, shifted }
    return null
  }

  private isOver({ deadline }: LumaContext): boolean {
    return deadline !== undefined && this.now().getTime() >= deadline
  }

  private later(): Failure {
    return { kind: 'THROTTLED', resumeAt: this.now() }
  }
}

/** A server that does not heed the status asked for must not make seats of those who hold none. */
function seatTypesOf(row: GuestRow, key: string): [string, (string | null)[]] {
  if ('unreadable' in row) return [row.unreadable.orderId ?? key, Array<null>(row.seats).fill(null)]
  const { guest } = row
  return [guest.id, HOLDS_NO_SEAT.has(guest.status) ? [] : seatsOf(guest).map(({ typeId }) => typeId)]
}

function totals(guests: ListUnderWay['guests']): SeatCount {
  const count: SeatCount = new Map()
  for (const typeId of [...guests.values()].flat()) count.set(typeId, (count.get(typeId) ?? 0) + 1)
  return count
}

/** Seats of one ticket type, or of all. Seats of unknown type count everywhere: too many is safe, too few is not. */
export function seatsIn(count: SeatCount | undefined, ticketTypeId: string | null): number {
  if (count === undefined) return 0
  if (ticketTypeId !== null) return (count.get(ticketTypeId) ?? 0) + (count.get(null) ?? 0)
  return [...count.values()].reduce((sum, seats) => sum + seats, 0)
}
