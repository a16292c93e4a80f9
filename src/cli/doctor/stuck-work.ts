import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { JobQueues } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { StockGate } from '../../stock/gate/gate.js'
import { openEvents } from '../../infrastructure/prisma/live-events.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import type { CliContext } from '../cli-context.js'
import { findingsOf, green, red, yellow, type Finding } from './finding.js'

const MINUTE_MS = 60_000
const OVERDUE_MS = 5 * MINUTE_MS
const DAY_MS = 24 * 60 * MINUTE_MS
const MAX_PENDING = 1_000
const FIX_REDIS = 'Check that Redis is reachable'
const FIX_WORKER = 'Check that the service is running with ROLE all or worker, and check its log'

/** Overdue work in PostgreSQL. */
export async function databaseWork(context: CliContext): Promise<Finding[]> {
  const prisma = context.get(PrismaService)
  const clock = context.get(Clock)
  return [
    await inbox(prisma, clock),
    await deliveries(prisma),
    await quarantine(prisma, clock),
    await channels(prisma, clock.now()),
    await holds(prisma, clock.now()),
    await mails(prisma, clock.now()),
  ]
}

/** Overdue work in Redis. */
export async function redisWork(context: CliContext): Promise<Finding[]> {
  const parts = await Promise.all([
    findingsOf('queues', async () => queues(context), FIX_REDIS),
    findingsOf('pending operations', async () => [await pendingOperations(context)], FIX_REDIS),
  ])
  return parts.flat()
}

async function inbox(prisma: PrismaService, clock: Clock): Promise<Finding> {
  const where = { drainedAt: null }
  const [count, oldest] = await Promise.all([
    prisma.inboxEntry.count({ where }),
    prisma.inboxEntry.findFirst({ where, orderBy: { id: 'asc' } }),
  ])
  if (!oldest) return green('inbox', 'empty')
  const age = clock.now().getTime() - oldest.receivedAt.getTime()
  const detail = `${count} deliveries wait for Redis, the oldest for ${formatDuration(age)}`
  return age > OVERDUE_MS
    ? red('inbox', detail, FIX_WORKER)
    : yellow('inbox', detail, 'They are queued as soon as Redis is reachable')
}

async function deliveries(prisma: PrismaService): Promise<Finding> {
  const [failed, unmatched] = await Promise.all([
    prisma.webhookDelivery.count({ where: { state: 'FAILED' } }),
    prisma.webhookDelivery.count({ where: { state: 'UNMATCHED' } }),
  ])
  const unmatchedText = `${unmatched} for events without a channel`
  if (failed === 0) return green('deliveries', `none failed, ${unmatchedText}`)
  return yellow(
    'deliveries',
    `${failed} failed, ${unmatchedText}`,
    `${PROGRAM_NAME} webhooks list --state FAILED, then webhooks replay ID`,
  )
}

async function quarantine(prisma: PrismaService, clock: Clock): Promise<Finding> {
  const where = { resolvedAt: null }
  const [count, oldest] = await Promise.all([
    prisma.quarantinedRecord.count({ where }),
    prisma.quarantinedRecord.findFirst({ where, orderBy: { firstSeenAt: 'asc' } }),
  ])
  if (!oldest) return green('quarantine', 'empty: every order could be stored')
  const age = clock.now().getTime() - oldest.firstSeenAt.getTime()
  return yellow(
    'quarantine',
    `${count} orders could not be stored, the oldest for ${formatDuration(age)}: ${oldest.platform}: ${oldest.reason}`,
    'List them with GET /api/v1/quarantine; each is retried whenever it is read, and by POST /api/v1/quarantine/ID/retry',
  )
}

async function channels(prisma: PrismaService, now: Date): Promise<Finding> {
  const rows = await prisma.channel.findMany({
    where: {
      detachedAt: null,
      event: openEvents(now),
      OR: [{ syncError: { not: null } }, { unconfirmedSince: { lt: ago(MINUTE_MS, now) } }],
    },
  })
  if (rows.length === 0) return green('channels', 'no sync errors')
  const describe = ({ eventId, platform, syncError }: (typeof rows)[number]) =>
    `${platform} of ${eventId}: ${syncError ?? 'a cap write has been unconfirmed for more than a minute'}`
  return yellow(
    'channels',
    rows.slice(0, 5).map(describe).join('; '),
    `${PROGRAM_NAME} events show ID; the service retries automatically`,
  )
}

async function holds(prisma: PrismaService, now: Date): Promise<Finding> {
  const count = await prisma.hold.count({ where: { state: 'HELD', expiresAt: { lt: ago(MINUTE_MS, now) } } })
  if (count === 0) return green('holds', 'none is overdue for expiry')
  return yellow('holds', `${count} are overdue for expiry and still hold their units`, FIX_WORKER)
}

async function mails(prisma: PrismaService, now: Date): Promise<Finding> {
  const unsent = { sentAt: null, failedAt: null }
  const [failed, count, oldest] = await Promise.all([
    prisma.mail.count({ where: { failedAt: { gte: ago(DAY_MS, now) } } }),
    prisma.mail.count({ where: unsent }),
    prisma.mail.findFirst({ where: unsent, orderBy: { createdAt: 'asc' }, select: { createdAt: true } }),
  ])
  const age = oldest ? now.getTime() - oldest.createdAt.getTime() : 0
  const since = oldest ? `, the oldest for ${formatDuration(age)}` : ''
  const detail = `${failed} failed in 24 h, ${count} unsent${since}`
  if (failed === 0 && age <= OVERDUE_MS) return green('mails', detail)
  return yellow(
    'mails',
    detail,
    `Check SMTP_URL; ${PROGRAM_NAME} mails list, then mails retry ID; see RUNBOOK.md, "Mails are not delivered"`,
  )
}

async function queues(context: CliContext): Promise<Finding[]> {
  const clock = context.get(Clock)
  return Promise.all(
    Object.values(QUEUES).map(async (name): Promise<Finding> => {
      const { waiting, failed, processors, oldestWaitingSince } = await context.get(JobQueues).status(name)
      const check = `queue ${name}`
      const age = oldestWaitingSince ? clock.now().getTime() - oldestWaitingSince.getTime() : 0
      const oldest = oldestWaitingSince ? `, the oldest for ${formatDuration(age)}` : ''
      const detail = `${waiting} waiting${oldest}, ${failed} failed, ${processors} workers`
      if (age > MINUTE_MS) return red(check, detail, FIX_WORKER)
      return failed > 0
        ? yellow(check, detail, `See /admin/queues; ${PROGRAM_NAME} webhooks list`)
        : green(check, detail)
    }),
  )
}

async function pendingOperations(context: CliContext): Promise<Finding> {
  const events = await context
    .get(PrismaService)
    .event.findMany({ where: openEvents(context.get(Clock).now()), select: { id: true } })
  let count = 0
  for (const { id } of events) count += (await context.get(StockGate).pending(id, MINUTE_MS, MAX_PENDING)).length
  if (count === 0) return green('pending operations', 'every gate operation is in the ledger')
  const detail = `${count} gate operations are not in the ledger after a minute`
  return yellow('pending operations', detail, `${FIX_WORKER}; or ${PROGRAM_NAME} stock rebuild --all`)
}

const ago = (ms: number, now: Date) => new Date(now.getTime() - ms)

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
