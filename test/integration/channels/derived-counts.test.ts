import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../../src/domain/channel-record.js'
import { openCapBench, type CapBench } from '../../support/fixtures/cap-bench.js'

let bench: CapBench
let eventId: string

beforeAll(async () => {
  bench = await openCapBench()
}, 60_000)
afterAll(() => bench?.close())
beforeEach(async () => {
  bench.reset()
  eventId = await bench.stock.openEvent(300, 30)
})

const ago = (ms: number) => new Date(Date.now() - ms)

/** Its cap was lowered from 80 to 30 and is not counted yet; the list of its guests is empty, as nothing on record is sold. */
function lowered(platform: 'LUMA' | 'EVENTBRITE', fields: Partial<Channel> = {}): Promise<Channel> {
  const uncounted = { uncountedSince: ago(60_000), uncountedCap: 80, confirmedAt: ago(60_000) }
  return bench.coveredChannel(eventId, platform, 30, { ...uncounted, platformSold: 0, ...fields })
}
const delivery = { lastPullAt: ago(90_000), lastWebhookAt: ago(61_000) }

describe('A count that is derived from the list of orders', () => {
  it('releases nothing while a delivery about the listing is unread', async () => {
    const channel = await lowered('LUMA', delivery)
    await bench.recheck(channel)
    expect(await bench.exposureOf(channel)).toBe(80)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(80)
  })

  it.each([
    ['the orders were read since the delivery', () => ({ ...delivery, lastPullAt: ago(60_500) })],
    ['no delivery has arrived', () => ({ ...delivery, lastWebhookAt: null })],
    [
      'they were read just before, as deliveries arrive all the time',
      () => ({ lastPullAt: ago(0), lastWebhookAt: ago(-1) }),
    ],
  ])('releases what a lower cap did not, once %s', async (_when, read) => {
    const channel = await lowered('LUMA')
    await bench.change(channel, read())
    await bench.recheck(channel)
    expect(await bench.exposureOf(channel)).toBe(30)
  })

  it('lowers no earlier count while a delivery is unread', async () => {
    const counted = { platformSold: 40, uncountedSince: null, uncountedCap: null }
    const channel = await lowered('LUMA', { ...delivery, ...counted })
    await bench.recheck(channel)
    expect(await bench.exposureOf(channel)).toBe(40)
  })

  it('proves nothing in a refusal while a delivery is unread', async () => {
    const channel = await lowered('LUMA', delivery)
    bench.listings.LUMA.onWrite = () =>
      Promise.resolve({ kind: 'CAP_BELOW_SOLD', sold: 0, pending: 0, reason: 'below the count' })
    await bench.setDesired(channel, { desiredCap: 20 })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toContain('writeCap OPEN 20 CAP_BELOW_SOLD')
    expect(await bench.exposureOf(channel)).toBe(80)
  })

  it('shows in a refusal what is sold at least, which the next write respects', async () => {
    const channel = await lowered('LUMA', { ...delivery, uncountedSince: null, uncountedCap: null })
    const { LUMA } = bench.listings
    const refusal = { kind: 'CAP_BELOW_SOLD', sold: 25, pending: 0, reason: 'below the count' } as const
    LUMA.reportsCounts = false
    LUMA.onWrite = (cap) => Promise.resolve(cap < 25 ? refusal : null)
    await bench.setDesired(channel, { desiredCap: 20 })
    await bench.sync(channel)
    expect(LUMA.calls.filter((call) => call.startsWith('writeCap'))).toEqual([
      'writeCap OPEN 20 CAP_BELOW_SOLD',
      'writeCap OPEN 25',
    ])
  })

  it('is made after the orders are read, and not if they cannot be', async () => {
    const channel = await lowered('LUMA', { ...delivery, recountAt: ago(1_000) })
    const { LUMA } = bench.listings
    LUMA.onList = () => ({ kind: 'THROTTLED', resumeAt: new Date() })
    expect(await bench.sync(channel)).toMatchObject({ done: false })
    expect([LUMA.calls, await bench.exposureOf(channel)]).toEqual([[], 80])
    LUMA.onList = () => null
    await bench.sync(channel)
    expect([LUMA.calls, await bench.exposureOf(channel)]).toEqual([['read'], 30])
  })
})

describe("A platform's own count", () => {
  it('releases what a lower cap did not, whatever is unread', async () => {
    const channel = await lowered('EVENTBRITE', delivery)
    await bench.recheck(channel)
    expect(await bench.exposureOf(channel)).toBe(30)
  })
})
