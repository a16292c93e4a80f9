import { FailSafeService } from '../../fail-safe/fail-safe.service.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import type { CliContext } from '../cli-context.js'
import { green, yellow, type Finding } from './finding.js'

/** A nightly run may take a while, and one may be missed. */
const STALE_MS = 36 * 3_600_000

/** The mode, and when the last full reconciliation succeeded. */
export async function statusFindings(context: CliContext): Promise<Finding[]> {
  return [await mode(context), await reconciliation(context.get(PrismaService), context.get(Clock))]
}

async function mode(context: CliContext): Promise<Finding> {
  const { mode, forced, reason, since, channels } = await context.get(FailSafeService).status()
  const detail = `${mode} since ${since}: ${channels.open} channels open, ${channels.waitlistOnly} waitlist only, ${channels.pending} pending`
  if (mode === 'NORMAL') return green('mode', detail)
  const fix = forced
    ? `${PROGRAM_NAME} fail-safe off --reason TEXT`
    : 'It ends automatically once Redis is reachable and all sales are read'
  return yellow('mode', `${detail} (${forced ? 'forced: ' : ''}${reason ?? 'no reason given'})`, fix)
}

async function reconciliation(prisma: PrismaService, clock: Clock): Promise<Finding> {
  const fullRun = { eventId: null, dryRun: false }
  const [last, succeeded] = await Promise.all([
    prisma.reconciliationRun.findFirst({ where: { ...fullRun, state: { not: 'RUNNING' } }, orderBy: { id: 'desc' } }),
    prisma.reconciliationRun.findFirst({ where: { ...fullRun, state: 'SUCCEEDED' }, orderBy: { id: 'desc' } }),
  ])
  if (!succeeded?.finishedAt)
    return yellow(
      'reconciliation',
      'no full run has succeeded yet',
      `${PROGRAM_NAME} reconcile, or wait for the nightly run`,
    )
  const detail = `last succeeded ${succeeded.finishedAt.toISOString()}`
  if (last?.state === 'FAILED')
    return yellow('reconciliation', `${detail}; failed since: ${last.reason ?? 'unknown'}`, `${PROGRAM_NAME} reconcile`)
  if (clock.now().getTime() - succeeded.finishedAt.getTime() > STALE_MS)
    return yellow('reconciliation', detail, `${PROGRAM_NAME} reconcile`)
  return green('reconciliation', detail)
}
