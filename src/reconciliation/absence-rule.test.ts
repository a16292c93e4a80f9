import { describe, expect, it } from 'vitest'
import { isMany, mayHide } from './absence-rule.js'

describe('how many missing orders are many', () => {
  it.each([
    [1, 1, false],
    [2, 2, false],
    [3, 3, true],
    [3, 6, false],
    [20, 60, false],
    [21, 60, true],
    [21, 1_000, false],
    [200, 1_000, false],
    [201, 1_000, true],
  ])('%i of %i: %s', (absent, recorded, many) => {
    expect(isMany(absent, recorded)).toBe(many)
  })

  it.each([
    [2, 3, true],
    [3, 30, false],
    [5, 100, true],
    [6, 100, false],
  ])('%i of %i may be members who hid: %s', (absent, recorded, hidden) => {
    expect(mayHide(absent, recorded)).toBe(hidden)
  })
})
