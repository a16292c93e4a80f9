import { expect } from 'vitest'
import { findInvariantViolation, capacityOf } from '../../src/domain/ledger-account.js'
import { PLATFORMS } from '../../src/domain/channel.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/inventory/gate.js'
import { Ledger, sumOfMovements } from '../../src/inventory/ledger.js'
import { until, type Listings, type TestSystem } from '../support/test-system.js'

const AGREED_WITHIN_MS = 60_000
const LISTING = { EVENTBRITE: 'eventbrite', LUMA: 'luma', MEETUP: 'meetup' } as const

/** After a storm and what happened in it: everything that must hold, however it went. */
export async function verify(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  await Promise.all([system.eventbrite.drain(20_000), system.luma.drain(20_000)])
  await agreement(system, eventId, listings)
  await bookkeeping(system, eventId)
  await exposureAtEveryInstant(system, eventId, listings)
  const violations = system.eventbrite.control.truth(listings.eventbrite).violations
  expect(violations, 'the simulator itself oversold').toEqual([])
  await webhooksAreWorkedOff(system)
}

/** Ledger = the platforms' truth per channel (I4, I13); nothing is oversold; every hold has ended (I5). */
async function agreement(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  const prisma = system.app.app.get(PrismaService)
  await until(async () => {
    const stock = await system.stock(eventId)
    const { sold } = system.truth(listings)
    for (const platform of PLATFORMS) {
      const channel = stock.channels.find((one) => one.platform === platform)
      expect(channel?.sold, `sold on ${platform}`).toBe(sold[platform])
      const tickets = await prisma.ticket.count({ where: { eventId, platform, state: 'VALID' } })
      expect(tickets, `tickets of ${platform}`).toBe(sold[platform])
    }
    expect(stock.oversold).toBe(0)
    expect(stock.sold + stock.held).toBeLessThanOrEqual(stock.capacity)
    expect(stock.held, 'every hold has ended').toBe(0)
  }, AGREED_WITHIN_MS)
  const direct = await prisma.ticket.count({ where: { eventId, platform: 'DIRECT', state: 'VALID' } })
  const bought = await prisma.hold.findMany({ where: { eventId, state: 'CONFIRMED' }, select: { quantity: true } })
  expect(direct, 'tickets of confirmed holds').toBe(bought.reduce((sum, { quantity }) => sum + quantity, 0))
}

/** I1, I7, I14. */
async function bookkeeping(system: TestSystem, eventId: string): Promise<void> {
  const { app } = system.app
  const prisma = app.get(PrismaService)
  await until(async () => {
    const { balances, epoch } = await app.get(Ledger).read(eventId)
    expect(findInvariantViolation(balances)).toBeNull()
    expect(await prisma.$transaction((tx) => sumOfMovements(tx, eventId))).toEqual(balances)
    const shown = await app.get(StockGate).read(eventId)
    if (shown) expect({ epoch: shown.epoch, balances: shown.balances }).toEqual({ epoch, balances })
  }, AGREED_WITHIN_MS)
}

/**
 * I2, at every instant of the simulators' own traces: what the platforms could have sold, and what is known to be gone
 * directly by then. Direct sales only grow, so that a moment's difference of clocks can hide nothing the wrong way.
 */
async function exposureAtEveryInstant(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  const { app } = system.app
  const capacity = capacityOf((await app.get(Ledger).read(eventId)).balances)
  const traces = { EVENTBRITE: system.eventbrite.trace, LUMA: system.luma.trace, MEETUP: system.meetup.control.trace }
  const entries = PLATFORMS.flatMap((platform) => {
    const { caps, dropped } = traces[platform].query({ eventId: listings[LISTING[platform]] })
    expect(dropped.caps, 'the trace is whole').toBe(0)
    return caps.map((entry) => ({ ...entry, platform }))
  }).toSorted((a, b) => a.at - b.at)
  const orders = await app.get(PrismaService).order.findMany({
    where: { eventId, platform: 'DIRECT' },
    orderBy: { seenAt: 'asc' },
  })
  const adopted = await app.get(PrismaService).channel.findMany({ where: { eventId } })
  const from = Math.max(...adopted.map(({ importedAt }) => importedAt?.getTime() ?? Infinity))
  const exposure = { EVENTBRITE: 0, LUMA: 0, MEETUP: 0 }
  let direct = 0
  let next = 0
  let worst = 0
  for (const { at, platform, cap, sold, pending } of entries) {
    exposure[platform] = Math.max(cap ?? Infinity, sold + pending)
    for (; next < orders.length && (orders[next]?.seenAt.getTime() ?? Infinity) < at - 1_000; next++) {
      direct += orders[next]?.quantity ?? 0
    }
    if (at > from) worst = Math.max(worst, exposure.EVENTBRITE + exposure.LUMA + exposure.MEETUP + direct)
  }
  expect(worst, 'exposure at the worst instant').toBeLessThanOrEqual(capacity)
}

/** I12: what was answered by 202 is not left lying anywhere. */
async function webhooksAreWorkedOff(system: TestSystem): Promise<void> {
  const prisma = system.app.app.get(PrismaService)
  await until(async () => expect(await prisma.inboxEntry.count({ where: { drainedAt: null } })).toBe(0))
  expect(await prisma.webhookDelivery.findMany({ where: { state: 'FAILED' } })).toEqual([])
}
