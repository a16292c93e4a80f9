import { RSVP_STATUSES, type RsvpRecord, type RsvpStatus } from './model.js'

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
  /** Shows no rows and keeps the counts. */
  empty: boolean
  /** Shows half of the rows and says that there are more. */
  truncated: boolean
}

const DEFAULT_FIRST = 20

/** One page of RSVPs. A cursor is the base64 of a place in the list as it is now, so a list that moves repeats or skips. */
export function rsvpConnection(rsvps: readonly RsvpRecord[], args: RsvpArgs, rules: ConnectionRules) {
  const matching = sorted(filtered(rsvps, args), args)
  const visible = matching.filter(({ hidden }) => !hidden)
  const start = args.after ? offsetOf(args.after) + 1 : 0
  const asked = Math.min(Math.max(args.first ?? DEFAULT_FIRST, 0), rules.maxFirst)
  const shown = rules.truncated && asked > 1 ? Math.ceil(Math.min(asked, visible.length - start) / 2) : asked
  const rows = rules.empty ? [] : visible.slice(start, start + Math.max(shown, 0))
  const edges = rows.map((node, place) => ({ cursor: cursorOf(start + place), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: start + asked < visible.length || start + edges.length < visible.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: matching.length,
    ...overallCounts(rsvps, rules.yesCountIsHeads),
  }
}

function overallCounts(rsvps: readonly RsvpRecord[], heads: boolean) {
  const count = (wanted: RsvpStatus, weigh: (rsvp: RsvpRecord) => number = () => 1) =>
    rsvps.reduce((sum, rsvp) => sum + (rsvp.status === wanted ? weigh(rsvp) : 0), 0)
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
  const wanted = named ?? ['YES', 'ATTENDED']
  // Naming HAVENT leaves only HAVENT.
  const statuses = wanted.includes('HAVENT') ? ['HAVENT'] : wanted
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

/** @throws RangeError for what is no cursor of ours */
function offsetOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString()
  if (!/^\d{1,9}$/.test(text)) throw new RangeError('invalid cursor')
  return Number(text)
}

export function isRsvpStatus(value: unknown): value is RsvpStatus {
  return (RSVP_STATUSES as readonly unknown[]).includes(value)
}
