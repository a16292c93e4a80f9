import { describe, expect, it } from 'vitest'
import { planCaps } from './cap-plan.js'

const channel = (id: string, fields: { weight?: number; maxUnits?: number; sold?: number } = {}) => ({
  id,
  weight: 1,
  maxUnits: null,
  sold: 0,
  ...fields,
})
const NO_DIRECT = { weight: 0, sold: 0, held: 0 }

describe('planCaps', () => {
  it('splits by weight', () => {
    const plan = planCaps(90, [channel('a'), channel('b', { weight: 2 })], NO_DIRECT)
    expect([...plan.caps]).toEqual([
      ['a', 30],
      ['b', 60],
    ])
  })

  it("gives the others what a channel's limit leaves over", () => {
    const plan = planCaps(90, [channel('a', { maxUnits: 10 }), channel('b'), channel('c')], NO_DIRECT)
    expect([...plan.caps.values()]).toEqual([10, 40, 40])
    expect(planCaps(90, [channel('a', { maxUnits: 10 })], { weight: 1, sold: 0, held: 0 }).direct).toBe(80)
  })

  it('leaves units free where every channel has reached its limit', () => {
    const plan = planCaps(90, [channel('a', { maxUnits: 10 }), channel('b', { maxUnits: 50 })], NO_DIRECT)
    expect([...plan.caps.values()]).toEqual([10, 50])
  })

  it('never plans a cap below what is sold, whatever the limit', () => {
    expect(planCaps(90, [channel('a', { maxUnits: 10, sold: 25 }), channel('b')], NO_DIRECT).caps.get('a')).toBe(25)
  })
})
