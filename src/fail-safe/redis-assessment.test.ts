import { describe, expect, it } from 'vitest'
import type { LiveInstance } from '../infrastructure/instances/instances.js'
import { assessRedis } from './redis-assessment.js'

const instance = (id: string, redisOk: boolean): LiveInstance => ({
  id,
  name: `all ${id}/1`,
  role: 'all',
  redisOk,
  lastError: redisOk ? null : 'Connection is closed.',
})
const assess = (own: LiveInstance, live: readonly LiveInstance[]) =>
  assessRedis(own.id, { redisOk: own.redisOk, lastError: own.lastError ?? '' }, live)
const [a, b, c] = ['a', 'b', 'c'].map((id) => instance(id, true)) as [LiveInstance, LiveInstance, LiveInstance]
const [noA, noB, noC] = ['a', 'b', 'c'].map((id) => instance(id, false)) as [LiveInstance, LiveInstance, LiveInstance]

describe('assessRedis', () => {
  it('trusts the report of a single instance', () => {
    expect(assess(a, [a]).kind).toBe('REACHABLE')
    expect(assess(noA, [noA]).kind).toBe('UNREACHABLE')
    // No report yet.
    expect(assess(noA, []).kind).toBe('UNREACHABLE')
  })

  it('marks one of several instances as isolated when only it cannot reach Redis', () => {
    expect(assess(noA, [noA, b])).toEqual({
      kind: 'ISOLATED',
      reason: 'Redis is unreachable from this instance only: Connection is closed.',
    })
    expect(assess(b, [noA, b]).kind).toBe('REACHABLE')
    expect(assess(noA, [noA, b, c]).kind).toBe('ISOLATED')
  })

  it('follows a majority that cannot reach Redis, also on instances that reach it, and names the majority', () => {
    const assessment = assess(c, [noA, noB, c])
    expect(assessment).toEqual({
      kind: 'UNREACHABLE',
      reason: 'Redis is unreachable: Connection is closed. (reported by all a/1, all b/1)',
    })
    expect(assess(noA, [noA, noB]).kind).toBe('UNREACHABLE')
    expect(assess(noA, [noA, noB, noC]).kind).toBe('UNREACHABLE')
  })

  it('ignores the report of a command while service processes are live', () => {
    // `live` excludes commands while services are live.
    expect(assess(noA, [b]).kind).toBe('ISOLATED')
    expect(assess(noA, [noB]).kind).toBe('UNREACHABLE')
  })
})
