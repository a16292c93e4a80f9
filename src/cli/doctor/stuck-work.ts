import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { StockGate } from '../../inventory/gate.js'
import { openEvents } from '../../inventory/live-events.js'
import { SELF } from '../self.js'
import type { CliContext } from '../cli-context.js'
import { findingsOf, green, red, yellow, type Finding } from './finding.js'

const MINUTE_MS = 60_000
const OVERDUE_MS = 5 * MINUTE_MS
const MAX_PENDING = 1_000
const RUN_IT = 'See that the service runs with ROLE all or worker, and its log'

/** Work that should be done by now and is not, in PostgreSQL. */
export async function databaseWork(station: CliContext): Promise<Finding[]> {
  const prisma = station.get(PrismaService)
  return [
    await inbox(prisma),
    await deliveries(prisma),
    await quarantine(prisma),
    await channels(prisma),
    await holds(prisma),
  ]
}

/** The same in Redis. */
export async function redisWork(station: CliContext): Promise<Finding[]> {
  const parts = await Promise.all([
    findingsOf('queues', async () => queues(station), 'See that Redis answers'),
    findingsOf('pending operations', async () => [await pendingOperations(station)], 'See that Redis answers'),
  ])
  return parts.flat()
}

async function inbox(prisma: PrismaService): Promise<Finding> {
  const where = { drainedAt: null }
  const [count, oldest] = await Promise.all([
    prisma.inboxEntry.count({ where }),
    prisma.inboxEntry.findFirst({ where, orderBy: { id: 'asc' } }),
  ])
  if (!oldest) return green('inbox', 'empty')
  const age = Date.now() - oldest.receivedAt.getTime()
  const detail = `${count} deliveries wait for Redis, the oldest for ${told(age)}`
  return age > OVERDUE_MS
    ? red('inbox', detail, RUN_IT)
    : yellow('inbox', detail, 'They are queued as soon as Redis answers')
}

async function deliveries(prisma: PrismaService): Promise<Finding> {
  const [failed, unmatched] = await Promise.all([
    prisma.webhookDelivery.count({ where: { state: 'FAILED' } }),
    prisma.webhookDelivery.count({ where: { state: 'UNMATCHED' } }),
  ])
  const aside = `${unmatched} of events that no channel knows`
  if (failed === 0) return green('deliveries', `none failed, ${aside}`)
  return yellow(
    'deliveries',
    `${failed} failed, ${aside}`,
    `${SELF} webhooks list --state FAILED, then webhooks replay ID`,
  )
}

async function quarantine(prisma: PrismaService): Promise<Finding> {
  const where = { resolvedAt: null }
  const [count, oldest] = await Promise.all([
    prisma.quarantinedRecord.count({ where }),
    prisma.quarantinedRecord.findFirst({ where, orderBy: { firstSeenAt: 'asc' } }),
  ])
  if (!oldest) return green('quarantine', 'every order could be read and stored')
  return yellow(
    'quarantine',
    `${count} orders cannot be read or stored, the oldest for ${told(Date.now() - oldest.firstSeenAt.getTime())}: ${oldest.platform}: ${oldest.reason}`,
    'GET /api/v1/quarantine lists them; each is tried again whenever it is read, and by POST /api/v1/quarantine/ID/retry',
  )
}

async function channels(prisma: PrismaService): Promise<Finding> {
  const rows = await prisma.channel.findMany({
    where: {
      detachedAt: null,
      event: openEvents(new Date()),
      OR: [{ syncError: { not: null } }, { unconfirmedSince: { lt: ago(MINUTE_MS) } }],
    },
  })
  if (rows.length === 0) return green('channels', 'every platform can be driven')
  const one = ({ eventId, platform, syncError }: (typeof rows)[number]) =>
    `${platform} of ${eventId}: ${syncError ?? 'the outcome of a cap write is unknown for more than a minute'}`
  return yellow(
    'channels',
    rows.slice(0, 5).map(one).join('; '),
    `${SELF} events show ID; the service tries again by itself`,
  )
}

async function holds(prisma: PrismaService): Promise<Finding> {
  const count = await prisma.hold.count({ where: { state: 'HELD', expiresAt: { lt: ago(MINUTE_MS) } } })
  if (count === 0) return green('holds', 'none is past its expiry')
  return yellow('holds', `${count} are past their expiry and keep their units`, RUN_IT)
}

async function queues(station: CliContext): Promise<Finding[]> {
  return Promise.all(
    Object.values(QUEUES).map(async (name): Promise<Finding> => {
      const queue = station.get<Queue>(getQueueToken(name))
      const [{ failed = 0, waiting = 0 }, [oldest], workers] = await Promise.all([
        queue.getJobCounts('failed', 'waiting'),
        queue.getJobs(['wait'], 0, 0, true),
        queue.getWorkersCount(),
      ])
      const check = `queue ${name}`
      const age = oldest ? Date.now() - Math.max(oldest.timestamp, oldest.processedOn ?? 0) : 0
      const detail = `${waiting} waiting${oldest ? `, the oldest for ${told(age)}` : ''}, ${failed} failed, ${workers} workers`
      if (age > MINUTE_MS) return red(check, detail, RUN_IT)
      return failed > 0
        ? yellow(check, detail, `Look at them in /admin/queues; ${SELF} webhooks list`)
        : green(check, detail)
    }),
  )
}

async function pendingOperations(station: CliContext): Promise<Finding> {
  const events = await station
    .get(PrismaService)
    .event.findMany({ where: openEvents(new Date()), select: { id: true } })
  let count = 0
  for (const { id } of events) count += (await station.get(StockGate).pending(id, MINUTE_MS, MAX_PENDING)).length
  if (count === 0) return green('pending operations', 'the ledger has everything that the gates decided')
  const detail = `${count} decisions of the gates are not in the ledger after a minute`
  return yellow('pending operations', detail, `${RUN_IT}; or ${SELF} stock rebuild --all`)
}

const ago = (ms: number) => new Date(Date.now() - ms)

function told(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
