import { expect, it } from 'vitest'
import { CAPACITY, POOL, sellDuringOutages } from '../support/load/sell-during-outages.js'

it('The exposure rule does not sell elsewhere what two unreachable platforms can still sell', async () => {
  const { sold, peak } = await sellDuringOutages()
  console.log(`with the exposure rule: ${sold} sold, exposure at most ${peak}, pool ${POOL}, capacity ${CAPACITY}`)
  expect(peak).toBeLessThanOrEqual(POOL)
  expect(sold).toBeLessThanOrEqual(POOL)
}, 90_000)
