import { describe, expect, it } from 'vitest'
import { isMassAbsence, isExplainedByHiddenMembers } from './absence-rule.js'

describe('The rule for absent orders', () => {
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
  ])('classifies %i absent of %i recorded orders as a mass absence: %s', (absent, recorded, expected) => {
    expect(isMassAbsence(absent, recorded)).toBe(expected)
  })

  it.each([
    [2, 3, true],
    [3, 30, false],
    [5, 100, true],
    [6, 100, false],
  ])('explains %i absent of %i recorded orders by hidden members: %s', (absent, recorded, expected) => {
    expect(isExplainedByHiddenMembers(absent, recorded)).toBe(expected)
  })
})
