import { expect } from 'vitest'
import { findInvariantViolation, capacityOf } from '../../src/domain/stock/ledger-account.js'
import { API_PLATFORMS } from '../../src/domain/channel.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/stock/gate/gate.js'
import { Ledger } from '../../src/stock/ledger.js'
import { sumOfMovements } from '../../src/adapters/prisma/stock/ledger-store.js'
import { nonEmpty } from '../support/fixtures/balances.js'
import { until, type Listings, type TestSystem } from '../support/service/test-system.js'

const AGREEMENT_TIMEOUT_MS = 60_000
const LISTING_KEYS = { EVENTBRITE: 'eventbrite', LUMA: 'luma', MEETUP: 'meetup' } as const

/** Verifies all invariants of an event after a load with a fault. */
export async function verifyInvariants(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  await Promise.all([system.eventbrite.drain(20_000), system.luma.drain(20_000)])
  await expectLedgerMatchesPlatforms(system, eventId, listings)
  await expectConsistentLedger(system, eventId)
  await expectExposureWithinCapacity(system, eventId, listings)
  const violations = system.eventbrite.control.truth(listings.eventbrite).violations
  expect(violations, 'violations that the simulator recorded').toEqual([])
  await expectNoPendingWebhooks(system)
}

/** The ledger equals the platforms' state per channel (I4, I13), nothing is oversold, and no hold is live (I5). */
async function expectLedgerMatchesPlatforms(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  const prisma = system.app.app.get(PrismaService)
  await until(async () => {
    const stock = await system.stock(eventId)
    const { sold } = system.truth(listings)
    for (const platform of API_PLATFORMS) {
      const channel = stock.channels.find((one) => one.platform === platform)
      expect(channel?.sold, `sold on ${platform}`).toBe(sold[platform])
      const tickets = await prisma.ticket.count({ where: { eventId, platform, state: 'VALID' } })
      expect(tickets, `tickets of ${platform}`).toBe(sold[platform])
    }
    expect(stock.oversold).toBe(0)
    expect(stock.sold + stock.held).toBeLessThanOrEqual(stock.capacity)
    expect(stock.held, 'units in live holds').toBe(0)
  }, AGREEMENT_TIMEOUT_MS)
  const direct = await prisma.ticket.count({ where: { eventId, platform: 'DIRECT', state: 'VALID' } })
  const confirmed = await prisma.hold.findMany({ where: { eventId, state: 'CONFIRMED' }, select: { quantity: true } })
  expect(direct, 'tickets of confirmed holds').toBe(confirmed.reduce((sum, { quantity }) => sum + quantity, 0))
}

/** Verifies I1, I7 and I14. */
async function expectConsistentLedger(system: TestSystem, eventId: string): Promise<void> {
  const { app } = system.app
  const prisma = app.get(PrismaService)
  await until(async () => {
    const { balances, epoch } = await app.get(Ledger).read(eventId)
    expect(findInvariantViolation(balances)).toBeNull()
    expect(nonEmpty(await prisma.$transaction((tx) => sumOfMovements(tx, eventId)))).toEqual(nonEmpty(balances))
    const shown = await app.get(StockGate).read(eventId)
    if (shown) expect({ epoch: shown.epoch, ...nonEmpty(shown.balances) }).toEqual({ epoch, ...nonEmpty(balances) })
  }, AGREEMENT_TIMEOUT_MS)
}

/**
 * I2, at every instant of the simulators' traces: the platforms' exposures plus the direct sales recorded by then.
 * Direct sales only grow, so that counting them 1 s late tolerates clock differences without false failures.
 */
async function expectExposureWithinCapacity(system: TestSystem, eventId: string, listings: Listings): Promise<void> {
  const { app } = system.app
  const capacity = capacityOf((await app.get(Ledger).read(eventId)).balances)
  const traces = { EVENTBRITE: system.eventbrite.trace, LUMA: system.luma.trace, MEETUP: system.meetup.control.trace }
  const entries = API_PLATFORMS.flatMap((platform) => {
    const { caps, dropped } = traces[platform].query({ eventId: listings[LISTING_KEYS[platform]] })
    expect(dropped.caps, 'dropped trace entries').toBe(0)
    return caps.map((entry) => ({ ...entry, platform }))
  }).toSorted((a, b) => a.at - b.at)
  const orders = await app.get(PrismaService).order.findMany({
    where: { eventId, platform: 'DIRECT' },
    orderBy: { seenAt: 'asc' },
  })
  const channels = await app.get(PrismaService).channel.findMany({ where: { eventId } })
  const from = Math.max(...channels.map(({ importedAt }) => importedAt?.getTime() ?? Infinity))
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

/** I12: every delivery that was accepted with 202 has been processed. */
async function expectNoPendingWebhooks(system: TestSystem): Promise<void> {
  const prisma = system.app.app.get(PrismaService)
  await until(async () => expect(await prisma.inboxEntry.count({ where: { drainedAt: null } })).toBe(0))
  expect(await prisma.webhookDelivery.findMany({ where: { state: 'FAILED' } })).toEqual([])
}
