import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../bench/lab/event-queue.js'
import { Link, type Answer } from '../../bench/lab/link.js'
import { PlatformModel } from '../../bench/lab/platform-model.js'
import { seededRandom } from '../../simulators/kit/random.js'

describe('simulated time', () => {
  it('runs everything in the order of its instants, ties as planned, and nothing after the end', () => {
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

describe('a simulated platform', () => {
  it('enforces its cap over sales and carts together', () => {
    const model = new PlatformModel(5)
    expect([model.reserve(3), model.reserve(3), model.reserve(2)]).toEqual([true, false, true])
    model.complete(3)
    model.abandon(2)
    expect(model.read()).toEqual({ cap: 5, sold: 3, pending: 0 })
  })

  it('evicts nobody when its cap is lowered', () => {
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

describe('the way to a platform', () => {
  const MINUTES = 60_000
  function writes(count: number, seed: number) {
    const queue = new EventQueue()
    const model = new PlatformModel(1)
    const landed: number[] = []
    const answers: { answer: Answer; at: number }[] = []
    const capChanged = () => landed.push(queue.now)
    const link = new Link('LUMA', model, { queue, random: seededRandom(seed), capChanged })
    for (let index = 0; index < count; index++) {
      link.writeCap(index + 2, 'grow', (answer) => answers.push({ answer, at: queue.now }))
    }
    queue.runUntil(120 * MINUTES)
    return { link, landed, answers }
  }

  it('answers every write once, with what stands or with "unknown", late and lost ones included', () => {
    const { answers, landed } = writes(400, 3)
    expect(answers).toHaveLength(400)
    const kinds = new Set(answers.map(({ answer }) => answer.kind))
    expect([...kinds].toSorted()).toEqual(['OK', 'UNKNOWN'])
    const confirmed = answers.filter(({ answer }) => answer.kind === 'OK').length
    expect(landed.length).toBeGreaterThan(confirmed)
    expect(landed.length).toBeLessThan(400)
  })

  it('spreads a flood of calls so that the platform refuses none', () => {
    const { link, answers } = writes(400, 4)
    expect([link.calls, link.throttled]).toEqual([400, 0])
    expect(answers.at(-1)?.at).toBeGreaterThan(2 * MINUTES)
  })
})
