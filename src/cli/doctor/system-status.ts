import { FailSafeService } from '../../fail-safe/fail-safe.service.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { SELF } from '../self.js'
import type { CliContext } from '../cli-context.js'
import { green, yellow, type Finding } from './finding.js'

/** A night may take a while, and one may be missed. */
const STALE_MS = 36 * 3_600_000

/** The mode, and when all of it was last compared with the platforms. */
export async function standingFindings(station: CliContext): Promise<Finding[]> {
  return [await mode(station), await reconciliation(station.get(PrismaService))]
}

async function mode(station: CliContext): Promise<Finding> {
  const { mode, forced, reason, since, channels } = await station.get(FailSafeService).status()
  const detail = `${mode} since ${since}: ${channels.open} channels open, ${channels.waitlistOnly} waitlist only, ${channels.pending} pending`
  if (mode === 'NORMAL') return green('mode', detail)
  const fix = forced
    ? `${SELF} fail-safe off --reason TEXT`
    : 'It ends by itself once Redis answers and all sales are read'
  return yellow('mode', `${detail} (${forced ? 'forced: ' : ''}${reason ?? 'no reason told'})`, fix)
}

async function reconciliation(prisma: PrismaService): Promise<Finding> {
  const whole = { eventId: null, dryRun: false }
  const [last, good] = await Promise.all([
    prisma.reconciliationRun.findFirst({ where: { ...whole, state: { not: 'RUNNING' } }, orderBy: { id: 'desc' } }),
    prisma.reconciliationRun.findFirst({ where: { ...whole, state: 'SUCCEEDED' }, orderBy: { id: 'desc' } }),
  ])
  if (!good?.finishedAt)
    return yellow('reconciliation', 'never finished yet', `${SELF} reconcile, or wait for the night`)
  const detail = `last finished ${good.finishedAt.toISOString()}`
  if (last?.state === 'FAILED')
    return yellow('reconciliation', `${detail}; failed since: ${last.reason ?? 'unknown'}`, `${SELF} reconcile`)
  if (Date.now() - good.finishedAt.getTime() > STALE_MS) return yellow('reconciliation', detail, `${SELF} reconcile`)
  return green('reconciliation', detail)
}
