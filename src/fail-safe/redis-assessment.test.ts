import { describe, expect, it } from 'vitest'
import type { LiveInstance } from '../infrastructure/instances/instances.js'
import { assessRedis } from './redis-assessment.js'

const instance = (id: string, redisOk: boolean): LiveInstance => ({
  id,
  name: `all ${id}/1`,
  role: 'all',
  redisOk,
  why: redisOk ? null : 'Connection is closed.',
})
const judge = (own: LiveInstance, live: readonly LiveInstance[]) =>
  assessRedis(own.id, { redisOk: own.redisOk, why: own.why ?? '' }, live)
const [a, b, c] = ['a', 'b', 'c'].map((id) => instance(id, true)) as [LiveInstance, LiveInstance, LiveInstance]
const [noA, noB, noC] = ['a', 'b', 'c'].map((id) => instance(id, false)) as [LiveInstance, LiveInstance, LiveInstance]

describe('what instances say together about Redis', () => {
  it('an instance that is alone believes itself', () => {
    expect(judge(a, [a]).kind).toBe('ANSWERS')
    expect(judge(noA, [noA]).kind).toBe('GONE')
    // It has not reported yet.
    expect(judge(noA, []).kind).toBe('GONE')
  })

  it('one of several that does not reach it is isolated, and says so itself', () => {
    expect(judge(noA, [noA, b])).toEqual({
      kind: 'ISOLATED',
      reason: 'Redis does not answer this instance alone: Connection is closed.',
    })
    expect(judge(b, [noA, b]).kind).toBe('ANSWERS')
    expect(judge(noA, [noA, b, c]).kind).toBe('ISOLATED')
  })

  it('a majority speaks for all, also for those that reach it, and is named', () => {
    const verdict = judge(c, [noA, noB, c])
    expect(verdict).toEqual({
      kind: 'GONE',
      reason: 'Redis does not answer: Connection is closed. (not reached by all a/1, all b/1)',
    })
    expect(judge(noA, [noA, noB]).kind).toBe('GONE')
    expect(judge(noA, [noA, noB, noC]).kind).toBe('GONE')
  })

  it('a command beside service processes has no say', () => {
    // `live` leaves commands out while services live.
    expect(judge(noA, [b]).kind).toBe('ISOLATED')
    expect(judge(noA, [noB]).kind).toBe('GONE')
  })
})
