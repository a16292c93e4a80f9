import { expect, it } from 'vitest'
import { CAPACITY, POOL, holdsDuringOutages } from '../support/holds-during-outages.js'

it('with two platforms out of reach, what they may still sell is not sold elsewhere', async () => {
  const { sold, peak } = await holdsDuringOutages()
  console.log(`with the exposure rule: ${sold} sold, exposure at most ${peak}, pool ${POOL}, capacity ${CAPACITY}`)
  expect(peak).toBeLessThanOrEqual(POOL)
  expect(sold).toBeLessThanOrEqual(POOL)
}, 90_000)
