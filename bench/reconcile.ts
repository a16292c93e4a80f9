import { ReconciliationService } from '../src/reconciliation/reconciliation.service.js'
import {
  heapInUse,
  orderCountOf,
  refusals,
  sellWithoutNotification,
  startTestSystemWithoutWebhooks,
} from '../test/support/load/reconciliation.js'
import { benchServers, hardware } from './support/servers.js'

/**
 * A reconciliation of 200 events of 500 tickets each, unknown to the ledger, and the next run. The limit for the
 * memory is what the first events needed; the simulated platforms live in the same process, so their growth counts.
 */
const EVENTS = 200
const TICKETS = 500
/** Real limits times this, the platforms' and ours: at the real ones Meetup's points alone need more than an hour. */
const LIMIT_SCALE = 200
const MB = 2 ** 20
const MEASURED_EVERY = 10

const servers = await benchServers()
const { databaseUrl, redisUrl } = servers
const system = await startTestSystemWithoutWebhooks({ limitScale: LIMIT_SCALE, pace: 1, databaseUrl, redisUrl })
try {
  for (let number = 0; number < EVENTS; number++) await sellWithoutNotification(system, number, TICKETS)
  console.log(`${EVENTS} events of ${TICKETS} tickets on three platforms; limits times ${LIMIT_SCALE}; ${hardware()}\n`)
  await measureRun('all orders missing', EVENTS * orderCountOf(TICKETS))
  await measureRun('no drift', 0)
} finally {
  await system.close()
  await servers.stop()
}

async function measureRun(name: string, expected: number): Promise<void> {
  const heaps: number[] = []
  let measuredAt = 0
  // Several events may be done at once.
  const onProgress = ({ done }: { done: number }) => {
    if (done - measuredAt < MEASURED_EVERY) return
    measuredAt = done
    heaps.push(heapInUse())
  }
  const startedAt = Date.now()
  const run = await system.app.app.get(ReconciliationService).run({ onProgress })
  const seconds = (Date.now() - startedAt) / 1_000
  if (run.state !== 'SUCCEEDED') throw new Error(`the run failed: ${run.reason}`)
  if (run.itemCount !== expected) throw new Error(`${run.itemCount} instead of ${expected} were found`)
  const [first = 0] = heaps
  const ratio = (Math.max(...heaps) / first).toFixed(2)
  const memory = `heap ${Math.round(first / MB)} MB at first, at most ${ratio} of it`
  const pace = `${Math.round((EVENTS * orderCountOf(TICKETS)) / seconds)} orders/s`
  console.log(
    `${name.padEnd(20)} ${seconds.toFixed(0).padStart(4)} s  ${pace}  ${memory}  ${refusals(system)} refused calls`,
  )
}
