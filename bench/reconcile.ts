import { ReconciliationService } from '../src/reconciliation/reconciliation.service.js'
import {
  heapInUse,
  ordersOf,
  refusals,
  sellWithoutNotification,
  startTestSystemWithoutWebhooks,
} from '../test/support/reconciliation-fixtures.js'
import { benchServers, hardware } from './support/servers.js'

/**
 * A night over 200 events of 500 tickets each, none of which the ledger knows, and the night after. The limit for the
 * memory is what the first events needed; the simulated platforms live in the same process, so their growth counts.
 */
const EVENTS = 200
const TICKETS = 500
/** Real limits times this, the platforms' and ours alike: at the real ones Meetup's points alone take over an hour. */
const LIMIT_SCALE = 200
const MB = 2 ** 20
const MEASURED_EVERY = 10

const servers = await benchServers()
const { databaseUrl, redisUrl } = servers
const system = await startTestSystemWithoutWebhooks({ limitScale: LIMIT_SCALE, pace: 1, databaseUrl, redisUrl })
try {
  for (let number = 0; number < EVENTS; number++) await sellWithoutNotification(system, number, TICKETS)
  console.log(`${EVENTS} events of ${TICKETS} tickets on three platforms; limits times ${LIMIT_SCALE}; ${hardware()}\n`)
  await night('all to be found', EVENTS * ordersOf(TICKETS))
  await night('nothing to be found', 0)
} finally {
  await system.close()
  await servers.stop()
}

async function night(name: string, expected: number): Promise<void> {
  const heaps: number[] = []
  const onProgress = ({ done }: { done: number }) => {
    if (done % MEASURED_EVERY === 0) heaps.push(heapInUse())
  }
  const began = Date.now()
  const run = await system.app.app.get(ReconciliationService).run({ onProgress })
  const seconds = (Date.now() - began) / 1_000
  if (run.state !== 'SUCCEEDED') throw new Error(`the run failed: ${run.reason}`)
  if (run.itemCount !== expected) throw new Error(`${run.itemCount} instead of ${expected} were found`)
  const [first = 0] = heaps
  const ratio = (Math.max(...heaps) / first).toFixed(2)
  const memory = `heap ${Math.round(first / MB)} MB at first, at most ${ratio} of it`
  const pace = `${Math.round((EVENTS * ordersOf(TICKETS)) / seconds)} orders/s`
  console.log(
    `${name.padEnd(20)} ${seconds.toFixed(0).padStart(4)} s  ${pace}  ${memory}  ${refusals(system)} refused calls`,
  )
}
