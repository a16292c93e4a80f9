import { Injectable } from '@nestjs/common'
import { Clock } from '../infrastructure/time/clock.js'
import { ModeStore, type ModeChange, type ModeChangeRequest } from './mode-store.js'

type OnChange = ModeChangeRequest['onChange']

/** The transitions between normal and fail-safe mode. */
@Injectable()
export class ModeTransitions {
  constructor(
    private readonly store: ModeStore,
    private readonly clock: Clock,
  ) {}

  /** A majority of the instances does not reach Redis; `reason` names them. A recovery in progress restarts. */
  async recordRedisUnreachable(reason: string): Promise<ModeChange> {
    return this.store.change({
      reason,
      actor: null,
      planFor: ({ mode, forced, recoveryStep, round }) => {
        const redisFailedAt = this.clock.now()
        const restart = { recoveryStep: null, round: round + 1 }
        if (mode === 'NORMAL') {
          const data = { mode: 'FAIL_SAFE', forced: false, reason, since: redisFailedAt, redisFailedAt } as const
          return { data: { ...data, ...restart }, cause: 'redis', needsSweep: true }
        }
        const data = { redisFailedAt, ...(forced ? {} : { reason }) }
        if (recoveryStep === null) return { data, cause: null, needsSweep: false }
        return { data: { ...data, ...restart }, cause: null, needsSweep: true }
      },
    })
  }

  /** `onChange` runs in the same transaction. */
  async force(reason: string, actor: string, onChange?: OnChange): Promise<ModeChange> {
    return this.store.change({
      reason,
      actor,
      planFor: ({ mode, since, round }) => {
        const data = { mode: 'FAIL_SAFE', forced: true, reason, recoveryStep: null, round: round + 1 } as const
        return {
          data: { ...data, since: mode === 'NORMAL' ? this.clock.now() : since },
          cause: 'forced',
          needsSweep: true,
        }
      },
      onChange,
    })
  }

  /** Releases a forced mode; the recovery that follows ends it. Changes nothing when it is not forced. */
  async release(reason: string, actor: string, onChange?: OnChange): Promise<ModeChange> {
    return this.store.change({
      reason,
      actor,
      planFor: ({ forced, round }) => {
        if (!forced) return null
        const data = { forced: false, reason, recoveryStep: null, round: round + 1 }
        return { data, cause: 'released', needsSweep: false }
      },
      onChange,
    })
  }

  /** Ends the mode. Null: see `ModeStore.advance`. */
  async completeRecovery(round: number): Promise<ModeChange | null> {
    const reason = 'Redis is reachable, gates are rebuilt and sales are read'
    const change = await this.store.change({
      reason,
      actor: null,
      planFor: (row) => {
        if (row.round !== round || row.mode !== 'FAIL_SAFE' || row.forced) return null
        const data = { mode: 'NORMAL', reason, since: this.clock.now() } as const
        return { data: { ...data, recoveryStep: null, budgetHolder: null }, cause: 'recovered', needsSweep: false }
      },
    })
    return change.after.mode === 'NORMAL' && change.before.mode === 'FAIL_SAFE' ? change : null
  }
}
