import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from './ids.js'

describe('newId', () => {
  afterEach(() => vi.restoreAllMocks())

  it('returns the prefix and a version 7 UUID without dashes', () => {
    const before = Date.now()
    const id = newId('evt')
    expect(id).toMatch(/^evt_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
    const ms = Number.parseInt(id.slice(4, 16), 16)
    expect(ms).toBeGreaterThanOrEqual(before)
    expect(ms).toBeLessThanOrEqual(Date.now() + 1)
  })

  it('sorts as text in creation order, within a millisecond and beyond', () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1000)
    const ids = Array.from({ length: 10_000 }, (_, n) => {
      if (n === 9001) clock.mockReturnValue(Date.now() + 1)
      return newId('ord')
    })
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('keeps the order when the clock steps back', () => {
    const now = Date.now()
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 10_000)
    const first = newId('ord')
    clock.mockReturnValue(now)
    expect(newId('ord') > first).toBe(true)
  })
})
