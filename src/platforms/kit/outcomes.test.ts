import { describe, expect, it } from 'vitest'
import { afterWrite, decode, decodeOrNull } from './outcomes.js'
import { ContractError, requireId } from './response-shape.js'

describe('decode', () => {
  it('returns a missing field as REJECTED, and throws every other error', () => {
    const missing = () => requireId(undefined, 'order.id')
    const message = 'the response has no usable "order.id"'
    expect(decode(missing)).toEqual({ kind: 'REJECTED', code: 'CONTRACT', message })
    expect(decodeOrNull(missing)).toBeNull()
    const broken = () => {
      throw new TypeError('a fault of ours')
    }
    expect(() => decode(broken)).toThrow(TypeError)
    expect(() => decodeOrNull(broken)).toThrow(TypeError)
  })
})

describe('afterWrite', () => {
  it('is UNKNOWN, and acknowledged where every request had a response', () => {
    const refused = { kind: 'REJECTED', code: 'CLOSED', message: 'too late' } as const
    const reason = 'a write was applied, but the tiers were not: REJECTED CLOSED: too late'
    expect(afterWrite(refused, 'the tiers were not')).toEqual({ kind: 'UNKNOWN', reason, acknowledged: true })
    const lost = { kind: 'UNKNOWN', reason: 'no response' } as const
    expect(afterWrite(lost, 'the tiers were not')).toEqual(lost)
  })
})

describe('requireId', () => {
  it.each(['', 'a\u0000b', '\ud83d', 'x'.repeat(201), null, 1.5, {}])('refuses %j', (value) => {
    expect(() => requireId(value, 'id')).toThrow(ContractError)
  })

  it.each([
    ['évt-1', 'évt-1'],
    [42, '42'],
  ])('reads %j', (value, id) => {
    expect(requireId(value, 'id')).toBe(id)
  })
})
