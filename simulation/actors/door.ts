import type { TicketRow } from '../../src/adapters/memory/rows.js'
import { CheckIns } from '../../src/door/check-ins/check-ins.js'
import { WalkIns } from '../../src/door/walk-ins/walk-ins.js'
import { DomainError } from '../../src/domain/errors.js'
import type { DoorAction, PhoneScan } from '../scenario/actions.js'
import type { Scan } from '../world/door.js'
import type { World } from '../world/world.js'
import { request, type Response } from './client.js'
import { OPERATOR } from './staff.js'

/** Between two reports of the same scan, ms. */
const REPORTED_AGAIN_MS = 700

type ScanAction = Extract<DoorAction, { kind: 'scan-ticket' }>
type WalkInAction = Extract<DoorAction, { kind: 'walk-in' }>

/** What happens at the doors: in the service, and where organizers check in on a platform. */
export function atTheDoor(world: World, action: DoorAction): void {
  switch (action.kind) {
    case 'check-in-on-platform':
      return checkInOnPlatform(world, action)
    case 'scan-ticket':
      return scanTicket(world, action)
    case 'take-back-check-in':
      return takeBack(world, action)
    case 'walk-in':
      return world.background(walkIn(world, action))
    case 'take-back-walk-in':
      return takeBackWalkIn(world, action.walkIn)
  }
}

function checkInOnPlatform(world: World, action: Extract<DoorAction, { kind: 'check-in-on-platform' }>): void {
  const listing = world.listings[action.listing]
  if (!listing) return
  const orders = world.truthOf(listing).orders.filter(({ tickets }) => tickets > 0)
  const order = orders[Math.floor(action.order * orders.length)]
  if (!order) return
  listing.simulator.listings.checkIn(listing.ref, order.orderId)
  world.changed(listing.platform)
  world.door.checkedInOnPlatform(listing, order.orderId)
  world.trace.add(`${order.orderId} of ${listing.platform} listing ${listing.index} is checked in there`)
}

function scanTicket(world: World, { event: position, ticket: picked, by, phones }: ScanAction): void {
  const eventId = world.events[position]?.id
  const ticket = pick(ticketsOf(world, eventId), picked)
  if (eventId === undefined || !ticket) return
  const code = by === 'code' ? (ticket.code ?? ticket.externalCode) : null
  const what = { eventId, code, ticketId: code === null ? ticket.id : null }
  for (const phone of phones) world.time.after(phone.afterMs, () => scanOn(world, what, phone))
}

function scanOn(
  world: World,
  what: Pick<Scan, 'eventId' | 'code' | 'ticketId'>,
  { phone, reportedAfterMs, reports }: PhoneScan,
): void {
  const now = world.time.ms()
  const by =
    phone === null ? { deviceId: null, at: null } : { deviceId: `phone-${phone}`, at: new Date(Math.floor(now)) }
  const scan: Scan = { ...what, ...by, sinceMs: now, doneMs: null, letIn: null }
  world.door.scans.push(scan)
  for (let report = 0; report < reports; report++) {
    world.background(reportScan(world, scan, reportedAfterMs + report * REPORTED_AGAIN_MS))
  }
}

async function reportScan(world: World, scan: Scan, afterMs: number): Promise<void> {
  const { eventId, code, ticketId, deviceId, at } = scan
  // Our codes are random in each run.
  const response = await atDoor(world, `scan by ${deviceId ?? 'staff'}, ${ticketId ?? 'a code'}`, afterMs, (process) =>
    process.get(CheckIns).record(eventId, [{ code, ticketId, deviceId, at }], OPERATOR),
  )
  const [result] = response.kind === 'DONE' ? response.value : []
  scan.doneMs = world.time.ms()
  if (result && !(result instanceof DomainError)) scan.letIn = result.ticketId
}

function takeBack(world: World, { event, ticket }: Extract<DoorAction, { kind: 'take-back-check-in' }>): void {
  const isIn = ({ id, externalCheckedInAt }: TicketRow) =>
    externalCheckedInAt !== null || world.database.checkIns.get(null, id) !== undefined
  const taken = pick(ticketsOf(world, world.events[event]?.id).filter(isIn), ticket)
  if (!taken) return
  const record = { ticketId: taken.id, sinceMs: world.time.ms(), doneMs: null as number | null }
  world.door.takeBacks.push(record)
  const done = atDoor(world, `take back ${taken.id}`, 0, (process) =>
    process.get(CheckIns).takeBack(taken.id, OPERATOR),
  )
  world.background(done.then(() => (record.doneMs = world.time.ms())))
}

async function walkIn(world: World, { event, quantity, from, reportedAfterMs, number }: WalkInAction): Promise<void> {
  const eventId = world.events[event]?.id
  if (eventId === undefined) return
  const body = { quantity, from, at: new Date(Math.floor(world.time.ms())), deviceId: 'phone-0' }
  const response = await atDoor(world, `walk-in of ${quantity} from ${from}`, reportedAfterMs, (process) =>
    process.get(WalkIns).record(eventId, body, OPERATOR, `walk-in-${number}`),
  )
  if (response.kind !== 'DONE' || from !== 'COUNT') return
  world.door.counted.push({ eventId, id: response.value.id, quantity, takenBack: false })
}

function takeBackWalkIn(world: World, picked: number): void {
  const counted = pick(world.door.counted, picked)
  if (!counted) return
  counted.takenBack = true
  world.background(
    atDoor(world, `take back ${counted.id}`, 0, (process) => process.get(WalkIns).takeBack(counted.id, OPERATOR)),
  )
}

async function atDoor<T>(
  world: World,
  what: string,
  afterMs: number,
  send: Parameters<typeof request<T>>[2],
): Promise<Response<T>> {
  world.door.open += 1
  await world.time.sleep(afterMs)
  const response = await request(world, what, send)
  world.door.open -= 1
  return response
}

const ticketsOf = ({ database }: World, eventId: string | undefined): TicketRow[] =>
  database.tickets.where(null, (row) => row.eventId === eventId && row.state === 'VALID')

function pick<T>(items: readonly T[], position: number): T | undefined {
  return items[Math.floor(position * items.length)]
}
