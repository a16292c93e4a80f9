import { describe, expect, it } from 'vitest'
import { createKnobs, drawLatency } from './faults/knobs.js'
import { seededRandom } from './random.js'
import { choice, InvalidSettingsError, Settings } from './settings.js'

describe('fault knobs', () => {
  it('are off by default', () => {
    const values = Object.values(createKnobs().current)
    expect(values).toHaveLength(22)
    expect(values.every((value) => value === 0 || value === false)).toBe(true)
  })

  it('apply all fields of a patch or none, and name every invalid field', () => {
    const knobs = createKnobs({ webhookLoss: 0.5 })
    const patch = { latencyMs: 5, webhookLoss: 1.5, lateApplyMs: -1, serverErrorHtml: 1, nosuch: 1, toString: 1 }
    let caught: unknown
    try {
      knobs.patch(patch)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(InvalidSettingsError)
    const fields = (caught as InvalidSettingsError).errors.map(({ field }) => field)
    expect(fields).toEqual(['webhookLoss', 'lateApplyMs', 'serverErrorHtml', 'nosuch', 'toString'])
    expect(knobs.current).toMatchObject({ latencyMs: 0, webhookLoss: 0.5 })
    expect(() => knobs.patch([])).toThrow('must be an object')
  })

  it('accept an outage as an RFC 3339 time and a latency as a distribution', () => {
    const knobs = createKnobs()
    knobs.patch({ outageUntil: '2027-01-01T00:00:00Z', latencyMs: { p50: 20, p99: 200 } })
    expect(knobs.current.outageUntil).toBe(Date.UTC(2027, 0, 1))
    expect(() => knobs.patch({ latencyMs: { p50: 20, p99: 10 } })).toThrow('p99 must not be below p50')
    expect(() => knobs.patch({ latencyMs: { p50: 20 } })).toThrow('latencyMs: must be a whole number')
    expect(() => knobs.patch({ outageUntil: 'tomorrow' })).toThrow('RFC 3339')
  })

  it('draw latencies that match both percentiles', () => {
    const random = seededRandom(7)
    const draws = Array.from({ length: 20_000 }, () => drawLatency({ p50: 40, p99: 400 }, random))
    const sorted = draws.toSorted((a, b) => a - b)
    expect(sorted[10_000]).toBeGreaterThan(38)
    expect(sorted[10_000]).toBeLessThan(42)
    expect(sorted[19_800]).toBeGreaterThan(340)
    expect(sorted[19_800]).toBeLessThan(460)
    expect(drawLatency(15, random)).toBe(15)
  })
})

describe('toggles', () => {
  it('default to the first choice and reject unknown values', () => {
    const toggles = new Settings({ capacityZero: choice('reject', 'sold-out', 'unlimited') })
    expect(toggles.current.capacityZero).toBe('reject')
    expect(toggles.patch({ capacityZero: 'unlimited' }).capacityZero).toBe('unlimited')
    expect(() => toggles.patch({ capacityZero: 'maybe' })).toThrow('must be one of reject, sold-out, unlimited')
  })
})
