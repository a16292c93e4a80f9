import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { peakExposure } from './exposure-check.js'
import { listingTraces, rush } from './rush.js'
import { startTestSystem, until } from '../service/test-system.js'

export const CAPACITY = 300
const SAFETY = 30
export const POOL = CAPACITY - SAFETY
const SEED = 424_242

/**
 * Eventbrite's and Meetup's APIs fail while Luma sells fast, so that Luma needs units that the other two cannot
 * release; then buyers arrive on all three platforms.
 */
export async function sellDuringOutages(): Promise<{ sold: number; peak: number; recordedOversold: number }> {
  const system = await startTestSystem({ seed: SEED })
  try {
    const listings = system.list()
    const eventId = await system.createEvent(CAPACITY, listings)
    await until(async () => {
      for (const one of (await system.stock(eventId)).channels.slice(0, 3)) expect(one.confirmedCap).toBe(POOL / 3)
    })
    // A channel donates units only after it has been read since it opened.
    await until(async () => {
      const rows = await system.app.app.get(PrismaService).channel.findMany({ where: { eventId } })
      for (const { confirmedAt, lastPullAt } of rows) {
        expect(lastPullAt?.getTime() ?? 0).toBeGreaterThan(confirmedAt?.getTime() ?? Infinity)
      }
    }, 20_000)
    const outage = { outageUntil: Date.now() + 14_000 }
    system.eventbrite.knobs.patch(outage)
    system.meetup.control.knobs.patch(outage)
    const first = rush(system, listings, { eventbrite: 0.1, luma: 25, meetup: 0.1 }, SEED)
    await sleep(10_000)
    const second = rush(system, listings, { eventbrite: 40, luma: 40, meetup: 40 }, SEED + 10)
    await sleep(4_000)
    await Promise.all([...first, ...second].map((demand) => demand.stop()))
    const { sold } = system.truth(listings)
    const total = sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    const { peak, at } = peakExposure(listingTraces(system, listings))
    if (peak > POOL) {
      const around = listingTraces(system, listings).flatMap(({ trace, eventId: listing }) =>
        trace.query({ eventId: listing, since: at - 8_000 }).caps.filter((entry) => entry.at <= at + 100),
      )
      for (const entry of around.toSorted((a, b) => a.at - b.at)) console.log(entry.at - at, JSON.stringify(entry))
      const movements = await system.app.app.get(PrismaService).stockMovement.findMany({
        where: { eventId, operation: { recordedAt: { gt: new Date(at - 8_000), lt: new Date(at + 500) } } },
        include: { operation: true },
        orderBy: { id: 'asc' },
      })
      for (const { from, to, quantity, operation } of movements) {
        console.log(operation.recordedAt.getTime() - at, operation.reason, from, to, quantity)
      }
    }
    await until(async () => {
      // Excess guests at Luma are moved to its waitlist in the meantime.
      const { sold: remaining } = system.truth(listings)
      expect((await system.stock(eventId)).sold).toBe(remaining.EVENTBRITE + remaining.LUMA + remaining.MEETUP)
    }, 30_000)
    const { _sum } = await system.app.app.get(PrismaService).stockMovement.aggregate({
      where: { eventId, from: 'OVERSOLD' },
      _sum: { quantity: true },
    })
    return { sold: total, peak, recordedOversold: _sum.quantity ?? 0 }
  } finally {
    await system.close()
  }
}
