import { Injectable } from '@nestjs/common'
import type { Prisma, RecoveryStep, SystemMode as StoredMode } from '../generated/prisma/client.js'
import { retryDeadlocks } from '../infrastructure/prisma/deadlock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { SYSTEM_MODE_ROW } from './stored-mode.js'
import { OPEN_EVENT, openEvents } from '../inventory/live-events.js'

export type { RecoveryStep, StoredMode }
export type ModeCause = 'redis' | 'forced' | 'released' | 'recovered'

export interface ModeChange {
  before: StoredMode
  after: StoredMode
}

interface Plan {
  data: Prisma.SystemModeUpdateInput
  /** Null: no transition, only a note. */
  cause: ModeCause | null
  /** Sales may go unseen from now on: every channel on sale is to be read before it opens again. */
  unseen: boolean
}

type Also = (tx: Prisma.TransactionClient, change: ModeChange) => Promise<void>

const BEGIN_ANEW = { recoveryStep: null, round: { increment: 1 } } as const
const TRANSACTION = { maxWait: 5_000, timeout: 10_000 }

/** The mode as all instances see it, in PostgreSQL: works with Redis away. */
@Injectable()
export class ModeStore {
  constructor(private readonly prisma: PrismaService) {}

  async read(): Promise<StoredMode> {
    return this.prisma.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW })
  }

  /** A majority of the instances gets no answer from Redis; `reason` names them. A recovery at work begins anew. */
  async unanswered(reason: string): Promise<ModeChange> {
    return this.change(reason, null, ({ mode, forced, recoveryStep }) => {
      const redisFailedAt = new Date()
      if (mode === 'NORMAL') {
        const data = {
          mode: 'FAIL_SAFE',
          forced: false,
          reason,
          since: redisFailedAt,
          redisFailedAt,
          ...BEGIN_ANEW,
        } as const
        return { data, cause: 'redis', unseen: true }
      }
      const data = { redisFailedAt, ...(forced ? {} : { reason }) }
      if (recoveryStep === null) return { data, cause: null, unseen: false }
      return { data: { ...data, ...BEGIN_ANEW }, cause: null, unseen: true }
    })
  }

  /** `also`: what stands or falls with the change. */
  async force(reason: string, actor: string, also: Also): Promise<ModeChange> {
    return this.change(
      reason,
      actor,
      ({ mode, since }) => {
        const data = { mode: 'FAIL_SAFE', forced: true, reason, since: mode === 'NORMAL' ? new Date() : since } as const
        return { data: { ...data, ...BEGIN_ANEW }, cause: 'forced', unseen: true }
      },
      also,
    )
  }

  /** No longer forced; the mode ends by the recovery that follows. Changes nothing when it is not forced. */
  async release(reason: string, actor: string, also: Also): Promise<ModeChange> {
    return this.change(
      reason,
      actor,
      ({ forced }) =>
        forced ? { data: { forced: false, reason, ...BEGIN_ANEW }, cause: 'released', unseen: false } : null,
      also,
    )
  }

  /** The next step of a recovery. False: it is to begin anew, or an operator has forced the mode. */
  async advance(round: number, recoveryStep: RecoveryStep): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, round, mode: 'FAIL_SAFE', forced: false },
      data: { recoveryStep },
    })
    return count === 1
  }

  /** Ends the mode. Null: see `advance`. */
  async recovered(round: number): Promise<ModeChange | null> {
    const reason = 'Redis answers, gates are rebuilt and sales are read'
    const change = await this.change(reason, null, (row) => {
      if (row.round !== round || row.mode !== 'FAIL_SAFE' || row.forced) return null
      const data = { mode: 'NORMAL', reason, since: new Date(), recoveryStep: null } as const
      return { data, cause: 'recovered', unseen: false }
    })
    return change.after.mode === 'NORMAL' && change.before.mode === 'FAIL_SAFE' ? change : null
  }

  /** Every gate was rebuilt on this Redis. False: since `before` another process has done so on another one. */
  async rebuiltOn(before: StoredMode, redisIdentity: string, redisCanary: string): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, redisIdentity: before.redisIdentity, redisCanary: before.redisCanary },
      data: { redisIdentity, redisCanary },
    })
    return count === 1
  }

  /** Every channel on sale is to be read before it opens again. Answers how many could not be marked now. */
  async markUnseen(): Promise<number> {
    return this.prisma.$transaction((tx) => markUnseen(tx), TRANSACTION)
  }

  private change(
    reason: string,
    actor: string | null,
    planFor: (row: StoredMode) => Plan | null,
    also?: Also,
  ): Promise<ModeChange> {
    return retryDeadlocks(() => this.changeOnce(reason, actor, planFor, also))
  }

  private async changeOnce(
    reason: string,
    actor: string | null,
    planFor: (row: StoredMode) => Plan | null,
    also?: Also,
  ): Promise<ModeChange> {
    return this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM system_mode FOR UPDATE`
      const before = await tx.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW })
      const plan = planFor(before)
      if (!plan) return { before, after: before }
      const after = await tx.systemMode.update({ where: SYSTEM_MODE_ROW, data: plan.data })
      const { cause, unseen } = plan
      if (cause) {
        await tx.modeTransition.create({ data: { mode: after.mode, forced: after.forced, cause, reason, actor } })
      }
      if (unseen) await markUnseen(tx)
      await also?.(tx, { before, after })
      return { before, after }
    }, TRANSACTION)
  }
}

/**
 * Waits for no row: neither the mode nor a recovery may depend on a channel that somebody has locked. Those left out are
 * marked when the recovery begins, which nothing opens before.
 */
async function markUnseen(tx: Prisma.TransactionClient): Promise<number> {
  const marked = await tx.$executeRaw`
    UPDATE channels SET needs_sweep_since = clock_timestamp() WHERE id IN (
      SELECT c.id FROM channels c JOIN events e ON e.id = c.event_id
      WHERE ${OPEN_EVENT} AND c.detached_at IS NULL ORDER BY c.id FOR UPDATE OF c SKIP LOCKED)`
  return (await tx.channel.count({ where: { detachedAt: null, event: openEvents(new Date()) } })) - marked
}
