import { describe, expect, it } from 'vitest'
import { soldFromOnePool } from '../demand/one-pool.js'
import { traceOf, type Trace } from '../demand/trace.js'
import type { World } from '../../../simulation/world/world.js'
import type { Market } from './market.js'
import { total } from '../demand/families.js'
import { runSale } from './run-sale.js'
import { Timeline } from './timeline.js'

const TIMEOUT_MS = 60_000
const DURATION_MS = 300_000

/** About 40 buyers within five minutes, a quarter more than tickets: one each, so that none is refused for the size of the party. */
function shortTrace(family: Trace['family'], seed: number): Trace {
  const trace = traceOf(family, seed, 60)
  const faster = DURATION_MS / trace.duration
  const buyers = trace.buyers.map((buyer) => ({
    ...buyer,
    at: Math.round(buyer.at * faster),
    size: 1,
    cart: null,
    cancelsAfterMs: null,
  }))
  return { ...trace, pool: Math.round(0.8 * buyers.length), duration: DURATION_MS, buyers, restart: null }
}

describe('A sale of the lab', { timeout: TIMEOUT_MS }, () => {
  it('has the same result for the same trace, never exposes more than the pool, and sells no more than one pool would', async () => {
    const trace = shortTrace('one-takes-all', 3)
    const result = await runSale(trace, 'rebalance')
    expect(await runSale(trace, 'rebalance')).toEqual(result)
    expect(result).toMatchObject({ oversold: 0, exposedAbove: 0, refusedCalls: 0 })
    expect(result.moves).toBeGreaterThan(0)
    expect(total(result.sold)).toBeLessThanOrEqual(total(soldFromOnePool(trace, null)))
  })

  it('does not move a unit of an equal split, and loses what one platform could have sold more', async () => {
    const trace = shortTrace('one-takes-all', 3)
    let lines: readonly string[] = []
    const timeline = (world: World, market: Market) => {
      const created = new Timeline(world, market)
      lines = created.lines
      return created
    }
    const result = await runSale(trace, 'equal', timeline)
    expect(result).toMatchObject({ moves: 0, oversold: 0, exposedAbove: 0 })
    expect(total(result.sold)).toBeLessThan(total(soldFromOnePool(trace, null)))
    expect(lines.some((line) => line.includes('REFUSED a party of 1'))).toBe(true)
    expect(lines.at(-1)).toContain('tickets refused although unsold')
  })

  it('oversells when every platform is given the remaining capacity', async () => {
    const trace = shortTrace('steady', 2)
    const rush = trace.buyers.map((buyer) => ({ ...buyer, at: Math.round(buyer.at / 10) }))
    const result = await runSale({ ...trace, buyers: rush }, 'full-capacity')
    expect(result.exposedAbove).toBeGreaterThan(0)
    expect(result.oversold).toBeGreaterThan(0)
  })
})
