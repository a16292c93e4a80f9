import { externalOf } from '../../src/adapters/memory/door/check-in-store.js'
import type { CheckInRow, TicketRow } from '../../src/adapters/memory/rows.js'
import type { Scan } from '../world/door.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { ordersLeftToStaff } from './unproven-absence.js'
import { violation } from './violation.js'

/**
 * DOOR: a check-in changes no stock, unless tickets are sold with it; it is that of a scan that took place, of a ticket that
 * was valid then; and one scan lets in one person, however often it is reported.
 */
export function checkInInvariant(): Invariant {
  const known = new Map<string, CheckInRow>()
  let movements = 0
  let walkIns = 0
  return (world) => {
    const { database } = world
    const before = { movements, walkIns }
    movements = database.movements.changes
    walkIns = database.walkIns.changes
    const recorded = database.checkIns.where(null)
    const recent = recorded.filter((row) => known.get(row.ticketId) !== row)
    known.clear()
    for (const row of recorded) known.set(row.ticketId, row)
    if (recent.length === 0 || before.walkIns !== walkIns) return []
    const moved = before.movements === movements ? [] : ['stock was moved with a check-in']
    const problems = [...moved, ...recent.flatMap((row) => problemsOf(world, row)), ...repeated(world, recorded)]
    return problems.map((detail) => violation('DOOR', detail))
  }
}

function problemsOf({ database, door }: World, row: CheckInRow): string[] {
  const ticket = database.tickets.get(null, row.ticketId)
  const scan = ticket && door.scans.find((one) => isOf(one, row) && isScanOf(one, ticket))
  if (!scan) return [`the check-in of ${row.ticketId} is that of no scan`]
  const isLate = ticket.cancelledAt !== null && ticket.state === 'CANCELLED' && ticket.cancelledAt < row.recordedAt
  return isLate ? [`${row.ticketId} was let in after it had been cancelled`] : []
}

/** Tickets may share a code: each of its scans lets in one. */
function repeated({ database, door }: World, recorded: readonly CheckInRow[]): string[] {
  const valid = recorded.filter(({ ticketId }) => database.tickets.get(null, ticketId)?.state === 'VALID')
  return valid.flatMap((row) => {
    if (row.deviceId === null) return []
    const same = valid.filter((other) => isSame(other, row)).length
    const scans = door.scans.filter((scan) => isOf(scan, row)).length
    // Tickets that were sold at the door were not scanned.
    return scans === 0 || same <= scans
      ? []
      : [`the scan of ${row.deviceId} at ${row.checkedInAt.toISOString()} has let in ${same}`]
  })
}

/** What must hold at the doors once nothing fails any more and every phone has reported its scans. */
export function doorProblems(world: World): string[] {
  const { database, door } = world
  if (door.open > 0) return [`${door.open} requests of the door have no response`]
  const tickets = database.tickets.where(null, ({ state }) => state === 'VALID')
  return [
    ...tickets.flatMap((ticket) => firstInTime(world, ticket)),
    ...world.listings.flatMap((listing) => unknownAttendance(world, listing)),
    ...world.events.flatMap(({ id }) => roomProblem(world, id)),
  ]
}

/** The first scan in time counts, whichever was reported first. */
function firstInTime({ database, door }: World, ticket: TicketRow): string[] {
  const own = database.checkIns.get(null, ticket.id)?.checkedInAt ?? null
  const counting = door.scans.filter(
    ({ letIn, sinceMs }) => letIn === ticket.id && sinceMs > lastTakeBack(door.takeBacks, ticket),
  )
  return counting.flatMap(({ at }) => {
    if (own !== null && (at === null || own <= at)) return []
    return [
      `${ticket.id} was scanned at ${at?.toISOString() ?? 'a screen'}, ${own?.toISOString() ?? 'nothing'} is recorded`,
    ]
  })
}

/** A ticket that its platform has checked in is in here as well, where its orders are read. */
function unknownAttendance(world: World, listing: WorldListing): string[] {
  const { database, door } = world
  const attended = door.ordersIn(listing)
  const channel = database.channels.get(null, listing.channelId)
  if (attended.size === 0 || !channel || channel.detachedAt !== null || channel.importedAt === null) return []
  if (world.connections.isRefused(listing.connectionId)) return []
  const live = world.truthOf(listing).orders.filter(({ orderId, tickets }) => tickets > 0 && attended.has(orderId))
  const undecided = new Set(ordersLeftToStaff(world, listing).map(({ externalOrderId }) => externalOrderId))
  return live.flatMap(({ orderId }) => {
    if (undecided.has(orderId)) return []
    const [order] = database.orders.whereKey(null, 'channelId', channel.id, (row) => row.externalOrderId === orderId)
    const out = database.tickets.whereKey(
      null,
      'orderId',
      order?.id ?? '',
      ({ state, externalCheckedInAt }) => state === 'VALID' && externalCheckedInAt === null,
    )
    const name = `${listing.platform} listing ${listing.index}`
    return out.map(({ id }) => `${id} of ${orderId} is checked in on ${name}, and not here`)
  })
}

/** Who is in the room: those who are certainly in, and at most those who may be. */
function roomProblem(world: World, eventId: string): string[] {
  const { database, door } = world
  const sold = new Set(database.walkIns.where(null, ({ source }) => source === 'SAFETY').map(({ orderId }) => orderId))
  const tickets = database.tickets.where(null, (row) => row.eventId === eventId && row.state === 'VALID')
  const presence = tickets.map((ticket) => (sold.has(ticket.orderId) ? 'uncertain' : presenceOf(world, ticket)))
  const certain = presence.filter((one) => one === 'in').length
  const possible = presence.filter((one) => one !== 'out').length
  const counted = database.walkIns
    .where(null, (row) => row.eventId === eventId && row.source === 'COUNT' && row.takenBackAt === null)
    .reduce((sum, { quantity }) => sum + quantity, 0)
  const there = door.counted
    .filter((row) => row.eventId === eventId && !row.takenBack)
    .reduce((sum, { quantity }) => sum + quantity, 0)
  const isIn = (ticket: TicketRow) =>
    database.checkIns.get(null, ticket.id) !== undefined || externalOf(ticket) !== null
  const recorded = tickets.filter(isIn).length
  return [
    ...(recorded >= certain && recorded <= possible
      ? []
      : [`${eventId}: ${recorded} are in as recorded, of ${certain} to ${possible} who came`]),
    ...(counted === there ? [] : [`${eventId}: ${counted} walk-ins are counted, ${there} came`]),
  ]
}

function presenceOf({ door, database, listings }: World, ticket: TicketRow): 'in' | 'out' | 'uncertain' {
  const since = lastTakeBack(door.takeBacks, ticket)
  if (door.scans.some(({ letIn, sinceMs }) => letIn === ticket.id && sinceMs > since)) return 'in'
  const listing = listings.find(({ channelId }) => channelId === ticket.channelId)
  const orderId = database.orders.get(null, ticket.orderId)?.externalOrderId ?? ''
  const mayBeIn = listing && door.ordersIn(listing).has(orderId)
  return mayBeIn || door.scans.some((scan) => isScanOf(scan, ticket)) ? 'uncertain' : 'out'
}

/** Until when what was scanned may have been taken back, ms. */
function lastTakeBack(takeBacks: World['door']['takeBacks'], { id }: TicketRow): number {
  return Math.max(
    -Infinity,
    ...takeBacks.filter(({ ticketId }) => ticketId === id).map(({ doneMs }) => doneMs ?? Infinity),
  )
}

const isOf = ({ deviceId, at }: Scan, row: CheckInRow) =>
  deviceId === row.deviceId && (at === null || at.getTime() === row.checkedInAt.getTime())

const isSame = (a: CheckInRow, b: CheckInRow) =>
  a.deviceId === b.deviceId && a.checkedInAt.getTime() === b.checkedInAt.getTime()

const isScanOf = ({ code, ticketId }: Scan, ticket: TicketRow) =>
  code === null ? ticketId === ticket.id : code === ticket.code || code === ticket.externalCode
