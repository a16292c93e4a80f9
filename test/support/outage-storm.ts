import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { peakExposure } from './exposure-check.js'
import { listed, rush } from './rush.js'
import { startTown, until } from './town.js'

export const CAPACITY = 300
const SAFETY = 30
export const POOL = CAPACITY - SAFETY
const SEED = 424_242

/**
 * Eventbrite's and Meetup's APIs go away while Luma sells fast, so that tickets are wanted there which the other two
 * cannot be told to let go of; then buyers come to all three.
 */
export async function outageStorm(): Promise<{ sold: number; peak: number; reportedOversold: number }> {
  const town = await startTown({ seed: SEED })
  try {
    const listings = town.list()
    const eventId = await town.createEvent(CAPACITY, listings)
    await until(async () => {
      for (const one of (await town.stock(eventId)).channels.slice(0, 3)) expect(one.confirmedCap).toBe(POOL / 3)
    })
    const outage = { outageUntil: Date.now() + 14_000 }
    town.eventbrite.knobs.patch(outage)
    town.meetup.control.knobs.patch(outage)
    const first = rush(town, listings, { eventbrite: 0.1, luma: 25, meetup: 0.1 }, SEED)
    await sleep(10_000)
    const second = rush(town, listings, { eventbrite: 40, luma: 40, meetup: 40 }, SEED + 10)
    await sleep(4_000)
    await Promise.all([...first, ...second].map((demand) => demand.stop()))
    const { sold } = town.truth(listings)
    const total = sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    const { peak } = peakExposure(listed(town, listings))
    const stock = await until(async () => {
      const now = await town.stock(eventId)
      expect(now.sold).toBe(total)
      return now
    }, 30_000)
    return { sold: total, peak, reportedOversold: stock.oversold }
  } finally {
    await town.close()
  }
}
