import { expect, it, vi } from 'vitest'
import { remembered } from './remembered.js'

it('A result is computed once for each key', () => {
  const compute = vi.fn((key: string) => key.length > 1)
  const isLong = remembered(10, compute)
  expect(['a', 'bb', 'a', 'bb'].map((key) => isLong(key))).toEqual([false, true, false, true])
  expect(compute).toHaveBeenCalledTimes(2)
})

it('Null and results of long keys are computed again, so that unknown callers fill nothing', () => {
  const compute = vi.fn((key: string) => (key === 'forged' ? null : key.length))
  const lengthOf = remembered(10, compute)
  const long = 'x'.repeat(501)
  for (const key of ['forged', long, 'forged', long]) lengthOf(key)
  expect(compute).toHaveBeenCalledTimes(4)
})

it('All results are forgotten when there are too many', () => {
  const compute = vi.fn((key: string) => key)
  const same = remembered(2, compute)
  for (const key of ['a', 'b', 'c', 'c', 'a']) expect(same(key)).toBe(key)
  expect(compute).toHaveBeenCalledTimes(4)
})
