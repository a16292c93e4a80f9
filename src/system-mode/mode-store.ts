import { Injectable } from '@nestjs/common'
import type { Prisma, RecoveryStep, SystemMode as StoredMode } from '../generated/prisma/client.js'
import { retryDeadlocks } from '../infrastructure/errors/deadlock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { SYSTEM_MODE_ROW } from './stored-mode.js'
import { OPEN_EVENT, openEvents } from '../infrastructure/prisma/live-events.js'

export type { RecoveryStep, StoredMode }
export type ModeCause = 'redis' | 'forced' | 'released' | 'recovered'

export interface ModeChange {
  before: StoredMode
  after: StoredMode
}

interface Plan {
  data: Prisma.SystemModeUpdateInput
  /** Null: no transition; only fields are updated. */
  cause: ModeCause | null
  /** Sales may be missed from now on: every channel on sale must be swept before it reopens. */
  needsSweep: boolean
}

type OnChange = (tx: Prisma.TransactionClient, change: ModeChange) => Promise<void>

const RESTART_RECOVERY = { recoveryStep: null, round: { increment: 1 } } as const
const TRANSACTION = { maxWait: 5_000, timeout: 10_000 }

/** The mode shared by all instances, in PostgreSQL: works without Redis. */
@Injectable()
export class ModeStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<StoredMode> {
    return this.prisma.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW })
  }

  /** A majority of the instances does not reach Redis; `reason` names them. A recovery in progress restarts. */
  async recordRedisUnreachable(reason: string): Promise<ModeChange> {
    return this.change(reason, null, ({ mode, forced, recoveryStep }) => {
      const redisFailedAt = this.clock.now()
      if (mode === 'NORMAL') {
        const data = {
          mode: 'FAIL_SAFE',
          forced: false,
          reason,
          since: redisFailedAt,
          redisFailedAt,
          ...RESTART_RECOVERY,
        } as const
        return { data, cause: 'redis', needsSweep: true }
      }
      const data = { redisFailedAt, ...(forced ? {} : { reason }) }
      if (recoveryStep === null) return { data, cause: null, needsSweep: false }
      return { data: { ...data, ...RESTART_RECOVERY }, cause: null, needsSweep: true }
    })
  }

  /** `onChange` runs in the same transaction. */
  async force(reason: string, actor: string, onChange: OnChange): Promise<ModeChange> {
    return this.change(
      reason,
      actor,
      ({ mode, since }) => {
        const data = {
          mode: 'FAIL_SAFE',
          forced: true,
          reason,
          since: mode === 'NORMAL' ? this.clock.now() : since,
          ...RESTART_RECOVERY,
        } as const
        return { data, cause: 'forced', needsSweep: true }
      },
      onChange,
    )
  }

  /** Releases a forced mode; the recovery that follows ends it. Changes nothing when it is not forced. */
  async release(reason: string, actor: string, onChange: OnChange): Promise<ModeChange> {
    return this.change(
      reason,
      actor,
      ({ forced }) =>
        forced ? { data: { forced: false, reason, ...RESTART_RECOVERY }, cause: 'released', needsSweep: false } : null,
      onChange,
    )
  }

  /** Records the next step of a recovery. False: the recovery must restart, or an operator has forced the mode. */
  async advance(round: number, recoveryStep: RecoveryStep): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, round, mode: 'FAIL_SAFE', forced: false },
      data: { recoveryStep },
    })
    return count === 1
  }

  /** Ends the mode. Null: see `advance`. */
  async completeRecovery(round: number): Promise<ModeChange | null> {
    const reason = 'Redis is reachable, gates are rebuilt and sales are read'
    const change = await this.change(reason, null, (row) => {
      if (row.round !== round || row.mode !== 'FAIL_SAFE' || row.forced) return null
      const data = { mode: 'NORMAL', reason, since: this.clock.now(), recoveryStep: null } as const
      return { data, cause: 'recovered', needsSweep: false }
    })
    return change.after.mode === 'NORMAL' && change.before.mode === 'FAIL_SAFE' ? change : null
  }

  /** Records that every gate was rebuilt on this Redis. False: since `before` another process has rebuilt on another one. */
  async recordRebuild(before: StoredMode, redisIdentity: string, redisCanary: string): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, redisIdentity: before.redisIdentity, redisCanary: before.redisCanary },
      data: { redisIdentity, redisCanary },
    })
    return count === 1
  }

  /** Marks every channel on sale: it must be swept before it reopens. Returns how many were locked and not marked. */
  async markForSweep(): Promise<number> {
    return this.prisma.$transaction((tx) => markChannelsForSweep(tx, this.clock.now()), TRANSACTION)
  }

  private change(
    reason: string,
    actor: string | null,
    planFor: (row: StoredMode) => Plan | null,
    onChange?: OnChange,
  ): Promise<ModeChange> {
    return retryDeadlocks(() => this.changeOnce(reason, actor, planFor, onChange))
  }

  private async changeOnce(
    reason: string,
    actor: string | null,
    planFor: (row: StoredMode) => Plan | null,
    onChange?: OnChange,
  ): Promise<ModeChange> {
    return this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM system_mode FOR UPDATE`
      const before = await tx.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW })
      const plan = planFor(before)
      if (!plan) return { before, after: before }
      const after = await tx.systemMode.update({ where: SYSTEM_MODE_ROW, data: plan.data })
      const { cause, needsSweep } = plan
      if (cause) {
        await tx.modeTransition.create({ data: { mode: after.mode, forced: after.forced, cause, reason, actor } })
      }
      if (needsSweep) await markChannelsForSweep(tx, this.clock.now())
      await onChange?.(tx, { before, after })
      return { before, after }
    }, TRANSACTION)
  }
}

/**
 * Skips locked rows: neither the mode nor a recovery may wait for a locked channel. Skipped channels are marked when the
 * recovery starts; none can open before that.
 */
async function markChannelsForSweep(tx: Prisma.TransactionClient, now: Date): Promise<number> {
  const marked = await tx.$executeRaw`
    UPDATE channels SET needs_sweep_since = clock_timestamp() WHERE id IN (
      SELECT c.id FROM channels c JOIN events e ON e.id = c.event_id
      WHERE ${OPEN_EVENT} AND c.detached_at IS NULL ORDER BY c.id FOR UPDATE OF c SKIP LOCKED)`
  return (await tx.channel.count({ where: { detachedAt: null, event: openEvents(now) } })) - marked
}
