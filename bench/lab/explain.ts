import { total, type Family } from './demand/families.js'
import { soldFromOnePool } from './demand/one-pool.js'
import { traceOf } from './demand/trace.js'
import type { SimulatedPolicy } from './policies.js'
import { runSale } from './sale/run-sale.js'
import { Timeline } from './sale/timeline.js'

/** The course of one sale, for a person. */
export async function explain(family: Family, seed: number, policy: SimulatedPolicy): Promise<string> {
  const trace = traceOf(family, seed)
  const { pool, duration, buyers, shares, restart, earlier } = trace
  const best = soldFromOnePool(trace, null)
  let timeline: Timeline | null = null
  const result = await runSale(trace, policy, (world, market) => (timeline = new Timeline(world, market)))
  const { lines } = timeline ?? { lines: [] }
  return [
    `${family}:${seed} ${policy}: ${pool} tickets, ${buyers.length} parties in ${Math.round(duration / 60_000)} minutes`,
    `demand ${JSON.stringify(shares)}`,
    ...(restart ? [`killed after ${restart.at / 1_000} s for ${restart.downMs / 1_000} s`] : []),
    ...(earlier ? [`${earlier.orders.length} earlier orders on ${earlier.platform}`] : []),
    'sold / cap by platform; (N known): as recorded by the service; +N: in open carts; full: no ticket can be bought',
    ...lines,
    `sold ${JSON.stringify(result.sold)}, clairvoyant ${JSON.stringify(best)}`,
    `lost ${total(best) - total(result.sold)} of ${total(best)} tickets`,
  ].join('\n')
}
