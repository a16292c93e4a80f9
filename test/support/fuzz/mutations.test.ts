import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mutated } from './mutations.js'

it('changes a copy, also inside of what an earlier change has added to a list', () => {
  const value = [1]
  const changed = fc.sample(mutated(value), { numRuns: 3_000, seed: 7 })
  expect(value).toEqual([1])
  expect(changed).toHaveLength(3_000)
})
