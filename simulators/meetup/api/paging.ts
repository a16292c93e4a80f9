import type { Knobs, Random } from '../../kit/index.js'
import { RSVP_STATUSES, type EventRecord, type RsvpRecord, type RsvpStatus } from '../state/model.js'
import type { Sales } from '../state/sales.js'
import type { MeetupState } from '../state/state.js'

export interface RsvpArgs {
  after?: string | null
  first?: number | null
  filter?: {
    rsvpStatus?: (RsvpStatus | null)[] | null
    onlyHosts?: boolean | null
    onlyWithGuests?: boolean | null
  } | null
  sort?: {
    sortField?: 'RSVP_ID' | 'DATETIME' | 'NAME' | null
    sortOrder?: 'ASC' | 'DESC' | null
    hostsFirst?: boolean | null
  } | null
}

export interface ConnectionRules {
  maxFirst: number
  yesCountIsHeads: boolean
  /** Returns no rows, with the counts unchanged. */
  empty: boolean
  /** Returns half of the rows and announces more. */
  truncated: boolean
}

const DEFAULT_FIRST = 20

/** One page of RSVPs. A cursor is the base64 of an offset in the current list, so a list that changes repeats or skips rows. */
export function rsvpConnection(rsvps: readonly RsvpRecord[], args: RsvpArgs, rules: ConnectionRules) {
  const matching = sorted(filtered(rsvps, args), args)
  const visible = matching.filter(({ hidden }) => !hidden)
  const start = args.after ? offsetOf(args.after) + 1 : 0
  const pageSize = Math.min(Math.max(args.first ?? DEFAULT_FIRST, 0), rules.maxFirst)
  const shown = rules.truncated && pageSize > 1 ? Math.ceil(Math.min(pageSize, visible.length - start) / 2) : pageSize
  const rows = rules.empty ? [] : visible.slice(start, start + Math.max(shown, 0))
  const edges = rows.map((node, index) => ({ cursor: cursorOf(start + index), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: start + pageSize < visible.length || start + edges.length < visible.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: matching.length,
    ...overallCounts(rsvps, rules.yesCountIsHeads),
  }
}

/** One page of another connection: its edges with cursors, which are offsets as well. */
export function connectionOf<Edge extends object>(
  all: readonly Edge[],
  { after, first }: { after?: string | null; first?: number | null },
) {
  const start = after ? offsetOf(after) + 1 : 0
  const edges = all
    .slice(start, start + (first ?? DEFAULT_FIRST))
    .map((edge, index) => ({ ...edge, cursor: cursorOf(start + index) }))
  const [startCursor, endCursor] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null]
  const hasNextPage = start + edges.length < all.length
  return {
    edges,
    pageInfo: { hasNextPage, hasPreviousPage: start > 0, startCursor, endCursor },
    totalCount: all.length,
  }
}

function overallCounts(rsvps: readonly RsvpRecord[], heads: boolean) {
  const count = (status: RsvpStatus, weight: (rsvp: RsvpRecord) => number = () => 1) =>
    rsvps.reduce((sum, rsvp) => sum + (rsvp.status === status ? weight(rsvp) : 0), 0)
  return {
    yesCount: count('YES', heads ? ({ guestsCount }) => 1 + guestsCount : undefined),
    noCount: count('NO'),
    waitlistCount: count('WAITLIST'),
    attendedCount: count('ATTENDED'),
    absentCount: count('EXCUSED_ABSENCE'),
    noShowCount: count('NO_SHOW'),
  }
}

function filtered(rsvps: readonly RsvpRecord[], { filter }: RsvpArgs): RsvpRecord[] {
  const named = filter?.rsvpStatus?.filter((status) => status !== null)
  const requested = named ?? ['YES', 'ATTENDED']
  // A filter with HAVENT returns only HAVENT.
  const statuses = requested.includes('HAVENT') ? ['HAVENT'] : requested
  return rsvps.filter(
    ({ status, isHost, guestsCount }) =>
      statuses.includes(status) && (!filter?.onlyHosts || isHost) && (!filter?.onlyWithGuests || guestsCount > 0),
  )
}

function sorted(rsvps: RsvpRecord[], { sort }: RsvpArgs): RsvpRecord[] {
  const by = {
    RSVP_ID: (a: RsvpRecord, b: RsvpRecord) => Number(a.id) - Number(b.id),
    DATETIME: (a: RsvpRecord, b: RsvpRecord) => a.updated - b.updated || Number(a.id) - Number(b.id),
    NAME: (a: RsvpRecord, b: RsvpRecord) => a.memberName.localeCompare(b.memberName),
  }[sort?.sortField ?? 'RSVP_ID']
  const direction = sort?.sortOrder === 'DESC' ? -1 : 1
  const hosts = (a: RsvpRecord, b: RsvpRecord) => (sort?.hostsFirst ? Number(b.isHost) - Number(a.isHost) : 0)
  return rsvps.toSorted((a, b) => hosts(a, b) || direction * by(a, b))
}

function cursorOf(offset: number): string {
  return Buffer.from(String(offset)).toString('base64')
}

/** @throws RangeError for an invalid cursor */
function offsetOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString()
  if (!/^\d{1,9}$/.test(text)) throw new RangeError('invalid cursor')
  return Number(text)
}

export function isRsvpStatus(value: unknown): value is RsvpStatus {
  return (RSVP_STATUSES as readonly unknown[]).includes(value)
}

/** Injects page faults: empty pages, truncated pages, and lists that change between pages. */
export class PageFaults {
  /** Events whose next follow-up page fails. */
  private readonly broken = new Set<string>()

  constructor(private readonly ports: { knobs: Knobs; random: Random; state: MeetupState; sales: Sales }) {}

  draw(
    event: EventRecord,
    { after }: RsvpArgs,
    throttled: boolean,
  ): { empty: boolean; truncated: boolean; failed: boolean } {
    const { knobs, random } = this.ports
    const failed = after != null && this.broken.delete(event.token)
    const truncated = random.chance(knobs.current.truncatedPage)
    if (truncated) this.broken.add(event.token)
    return { empty: throttled || random.chance(knobs.current.emptyPage), truncated, failed }
  }

  /** Called before a follow-up page is read: may move an RSVP to the top of the list. */
  shift(eventId: string): void {
    const { state, random, sales } = this.ports
    if (!random.chance(state.ports.toggles.current.shiftWhilePaging)) return
    const rsvps = state.rsvps(state.event(eventId))
    if (rsvps.length > 0) sales.touch(random.pick(rsvps).id)
  }
}
