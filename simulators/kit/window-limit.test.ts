import { expect, it } from 'vitest'
import { WindowLimit } from './window-limit.js'

it('a fixed window starts with the first call, does not count rejected calls and resets at its end', () => {
  const limit = new WindowLimit({ limit: 10, windowMs: 1_000, kind: 'fixed' })
  expect(limit.take(6, 500)).toEqual({ allowed: true, used: 6, resetAt: 1_500 })
  expect(limit.take(5, 600)).toMatchObject({ allowed: false, used: 6 })
  expect(limit.take(4, 1_499)).toMatchObject({ allowed: true, used: 10 })
  expect(limit.take(10, 1_500)).toEqual({ allowed: true, used: 10, resetAt: 2_500 })
})

it('a sliding window counts the calls of the last windowMs', () => {
  const limit = new WindowLimit({ limit: 10, windowMs: 1_000, kind: 'sliding' })
  limit.take(6, 0)
  limit.take(4, 900)
  expect(limit.take(6, 999).allowed).toBe(false)
  expect(limit.take(6, 1_000)).toEqual({ allowed: true, used: 10, resetAt: 1_900 })
  expect(limit.take(1, 1_001).allowed).toBe(false)
})
