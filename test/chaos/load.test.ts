import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Trace } from '../../simulators/kit/index.js'
import { peakExposure } from '../support/load/exposure-check.js'
import { listingTraces, rush } from '../support/load/rush.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

const CAPACITY = 300
const SAFETY = 30
const POOL = CAPACITY - SAFETY
const SEED = 20_261_120

let system: TestSystem | undefined
afterEach(async () => {
  await system?.close()
  system = undefined
})

const FAULTS = {
  latencyMs: { p50: 20, p99: 300 },
  webhookDelayMs: 200,
  webhookLoss: 0.05,
  webhookDuplicate: 0.2,
  webhookReorder: 0.2,
  serverErrorRate: 0.01,
  timeoutAfterApply: 0.004,
  timeoutBeforeApply: 0.002,
  lateApplyMs: 3_000,
}

const tracesByPlatform = ({ eventbrite, luma, meetup }: TestSystem): [string, Trace][] => [
  ['eventbrite', eventbrite.trace],
  ['luma', luma.trace],
  ['meetup', meetup.control.trace],
]

async function openEvent(instances: number): Promise<{ system: TestSystem; listings: Listings; eventId: string }> {
  const started = await startTestSystem({ seed: SEED, instances, pace: 1 })
  system = started
  const listings = started.list()
  const eventId = await started.createEvent(CAPACITY, listings)
  await until(async () => {
    for (const one of (await started.stock(eventId)).channels.slice(0, 3)) expect(one.confirmedCap).toBe(POOL / 3)
  })
  for (const knobs of [started.eventbrite.knobs, started.luma.knobs, started.meetup.control.knobs]) knobs.patch(FAULTS)
  return { system: started, listings, eventId }
}

describe('The service under load on three platforms', () => {
  it('keeps exposure within the pool, sells it out and has no call refused, with two instances', async () => {
    const { system, listings, eventId } = await openEvent(2)
    // At first one platform sells fast; then demand moves to the others.
    const first = rush(system, listings, { eventbrite: 0.5, luma: 4, meetup: 0.2 }, SEED)
    await sleep(10_000)
    await Promise.all(first.map((demand) => demand.stop()))
    const second = rush(system, listings, { eventbrite: 4, luma: 1.5, meetup: 1.5 }, SEED + 10)
    const soldOut = async () => {
      const { sold } = system.truth(listings)
      expect(sold.EVENTBRITE + sold.LUMA + sold.MEETUP).toBeGreaterThanOrEqual(Math.ceil(POOL * 0.97))
    }
    try {
      await until(soldOut, 110_000)
    } finally {
      await Promise.all(second.map((demand) => demand.stop()))
    }
    await until(async () => {
      const { sold } = system.truth(listings)
      const stock = await system.stock(eventId)
      for (const platform of ['EVENTBRITE', 'LUMA', 'MEETUP'] as const) {
        expect(stock.channels.find((one) => one.platform === platform)?.sold).toBe(sold[platform])
      }
      expect(stock).toMatchObject({ oversold: 0, safetyStock: { remaining: SAFETY } })
    }, 40_000)
    const { peak, samples } = peakExposure(listingTraces(system, listings))
    const { sold } = system.truth(listings)
    const total = sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    const calls = tracesByPlatform(system).map(([name, trace]) => [name, trace.query().calls] as const)
    const counts = calls.map(([name, list]) => `${name} ${list.length}`).join(', ')
    console.log(
      `load: ${total} of ${POOL} sold, exposure at most ${peak} of ${POOL} in ${samples} samples, calls ${counts}`,
    )
    expect(samples).toBeGreaterThan(100)
    expect(peak).toBeLessThanOrEqual(POOL)
    for (const [name, list] of calls)
      expect({ name, refused: list.filter(({ status }) => status === 429).length }).toEqual({ name, refused: 0 })
  }, 180_000)
})
