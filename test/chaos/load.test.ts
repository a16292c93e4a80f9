import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Trace } from '../../simulators/kit/index.js'
import { peakExposure } from '../support/exposure-check.js'
import { listed, rush } from '../support/rush.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/test-system.js'

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

const tracesOf = ({ eventbrite, luma, meetup }: TestSystem): [string, Trace][] => [
  ['eventbrite', eventbrite.trace],
  ['luma', luma.trace],
  ['meetup', meetup.control.trace],
]
async function open(instances: number): Promise<{ system: TestSystem; listings: Listings; eventId: string }> {
  const opened = await startTestSystem({ seed: SEED, instances, pace: 1 })
  system = opened
  const listings = opened.list()
  const eventId = await opened.createEvent(CAPACITY, listings)
  await until(async () => {
    for (const one of (await opened.stock(eventId)).channels.slice(0, 3)) expect(one.confirmedCap).toBe(POOL / 3)
  })
  for (const knobs of [opened.eventbrite.knobs, opened.luma.knobs, opened.meetup.control.knobs]) knobs.patch(FAULTS)
  return { system: opened, listings, eventId }
}

describe('a storm on three platforms', () => {
  it('never lets caps add up to more than the pool, sells it out, and provokes no refusal by two workers', async () => {
    const { system, listings, eventId } = await open(2)
    // First one platform takes all, then demand jumps to the others.
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
    const { peak, samples } = peakExposure(listed(system, listings))
    const { sold } = system.truth(listings)
    const total = sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    const calls = tracesOf(system).map(([name, trace]) => [name, trace.query().calls] as const)
    const counts = calls.map(([name, list]) => `${name} ${list.length}`).join(', ')
    console.log(
      `storm: ${total} of ${POOL} sold, exposure at most ${peak} of ${POOL} in ${samples} samples, calls ${counts}`,
    )
    expect(samples).toBeGreaterThan(100)
    expect(peak).toBeLessThanOrEqual(POOL)
    for (const [name, list] of calls)
      expect({ name, refused: list.filter(({ status }) => status === 429).length }).toEqual({ name, refused: 0 })
  }, 180_000)
})
