import { hardware } from './support/servers.js'
import { runLimitsTrial } from '../test/support/load/limits-trial.js'

/**
 * Many events at once at the limits that the platforms really have (2,000 calls an hour, 200 a minute, 500 points a
 * minute): `npm run bench -- limits` with `EVENTS` in the environment (default 20). The peers are the limits that the
 * service promises to keep.
 */
const events = Number(process.env.EVENTS ?? 20)
const six = events <= 6
/** On each platform, over all events: 5,400 an hour, more than twice what Eventbrite takes calls. */
const BUYERS_PER_SECOND = 1.5
const LIMITS = { caps: six ? 60 : 240, closed: six ? 15 : 45, recovered: 60 }

console.log(`${events} events on three platforms each, limit scale 1`)
console.log(`${hardware()}\n`)
const result = await runLimitsTrial({
  events,
  capacity: 100,
  buyersPerSecond: BUYERS_PER_SECOND / events,
  saleMs: 45_000,
  maxWaitMs: 420_000,
})
const line = (name: string, ms: number, limit: number) =>
  console.log(`${name.padEnd(52)} ${(ms / 1_000).toFixed(1)} s of ${limit} s, ratio ${(ms / 1_000 / limit).toFixed(2)}`)
line('first caps in force everywhere', result.capsInForceMs, LIMITS.caps)
line('Redis killed: every closing confirmed', result.closedMs, LIMITS.closed)
line('Redis killed: last ticket sold', result.lastSaleMs, LIMITS.closed)
line('Redis back: normal, every count correct', result.countedMs, LIMITS.recovered)
line('Redis back: every channel was on sale again', result.recoveredMs, LIMITS.recovered)
console.log(`sell-through ${(result.sellThrough * 100).toFixed(1)} %`)
console.log(`exposure: ${result.samples} samples, violations ${JSON.stringify(result.violations)}`)
console.log(`calls refused by the platforms: ${JSON.stringify(result.refused)}`)
process.exitCode = result.violations.length > 0 || Object.values(result.refused).some((count) => count > 0) ? 1 : 0
