import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../bench/lab/model/event-queue.js'
import { Link, type LinkResponse } from '../../bench/lab/model/link.js'
import { PlatformModel } from '../../bench/lab/model/platform-model.js'
import { seededRandom } from '../../simulators/kit/random.js'

describe('The event queue of the lab', () => {
  it('runs callbacks in time order, ties in scheduling order, and none after the end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (instants) => {
        const queue = new EventQueue()
        const ran: [number, number][] = []
        instants.forEach((at, order) => queue.at(at, () => ran.push([queue.now, order])))
        queue.runUntil(40)
        const expected = instants.map((at, order): [number, number] => [at, order]).filter(([at]) => at <= 40)
        expect(ran).toEqual(expected.toSorted(([a, first], [b, second]) => a - b || first - second))
        expect(queue.now).toBe(40)
      }),
    )
  })
})

describe('The platform model', () => {
  it('enforces its cap over sales and carts together', () => {
    const model = new PlatformModel(5)
    expect([model.reserve(3), model.reserve(3), model.reserve(2)]).toEqual([true, false, true])
    model.complete(3)
    model.abandon(2)
    expect(model.read()).toEqual({ cap: 5, sold: 3, pending: 0 })
  })

  it('evicts no cart when its cap is lowered', () => {
    const model = new PlatformModel(10)
    model.reserve(4)
    model.complete(4)
    model.reserve(3)
    model.setCap(2)
    expect(model.read()).toEqual({ cap: 4, sold: 4, pending: 3 })
    expect(model.most()).toBe(7)
    model.complete(3)
    expect(model.sold).toBe(7)
  })
})

describe('The link to a platform', () => {
  const MINUTES = 60_000
  function writes(count: number, seed: number) {
    const queue = new EventQueue()
    const model = new PlatformModel(1)
    const landed: number[] = []
    const results: { response: LinkResponse; at: number }[] = []
    const capChanged = () => landed.push(queue.now)
    const link = new Link('LUMA', model, { queue, random: seededRandom(seed), capChanged })
    for (let index = 0; index < count; index++) {
      link.writeCap(index + 2, 'grow', (response) => results.push({ response, at: queue.now }))
    }
    queue.runUntil(120 * MINUTES)
    return { link, landed, results }
  }

  it('returns one result per write, the state in force or "unknown", also for late and lost ones', () => {
    const { results, landed } = writes(400, 3)
    expect(results).toHaveLength(400)
    const kinds = new Set(results.map(({ response }) => response.kind))
    expect([...kinds].toSorted()).toEqual(['OK', 'UNKNOWN'])
    const confirmed = results.filter(({ response }) => response.kind === 'OK').length
    expect(landed.length).toBeGreaterThan(confirmed)
    expect(landed.length).toBeLessThan(400)
  })

  it('delays a burst of calls so that the platform refuses none', () => {
    const { link, results } = writes(400, 4)
    expect([link.calls, link.throttled]).toEqual([400, 0])
    expect(results.at(-1)?.at).toBeGreaterThan(2 * MINUTES)
  })
})
