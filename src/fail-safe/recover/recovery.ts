import { Injectable, Logger } from '@nestjs/common'
import { ChannelJobs } from '../../channels/sync/channel-jobs.js'
import { debugPoint, type DebugPoint } from '../../infrastructure/debug-point.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import { InboxDrain } from '../../inbound/receive/inbox-drain.js'
import { CapReplanStep } from './cap-replan-step.js'
import { GateRebuildStep } from './gate-rebuild-step.js'
import { ModeStore, type ModeChange, type RecoveryStep, type StoredMode } from '../../system-mode/mode-store.js'
import { OutageSweep } from './outage-sweep.js'
import { ModeTransitions } from '../../system-mode/mode-transitions.js'

/** How long recovery waits for sales to be read; channels that take longer reopen individually. */
const SWEEP_TIMEOUT_MS = 5_000

const STEPS: readonly RecoveryStep[] = ['REBUILD', 'DRAIN', 'SWEEP', 'CAPS', 'REOPEN']

/**
 * Recovery from fail-safe mode. Every step is idempotent. The current step is stored in PostgreSQL, so that another
 * process can resume after a crash.
 */
@Injectable()
export class Recovery {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly events: EventStore,
    private readonly store: ModeStore,
    private readonly transitions: ModeTransitions,
    private readonly gates: GateRebuildStep,
    private readonly inbox: InboxDrain,
    private readonly sweep: OutageSweep,
    private readonly caps: CapReplanStep,
    private readonly channels: ChannelJobs,
    private readonly clock: Clock,
  ) {}

  /** Null: not completed. Rejects when a step fails; the next call repeats that step. */
  async run({ round, recoveryStep }: StoredMode): Promise<ModeChange | null> {
    const first = recoveryStep === null ? 0 : STEPS.indexOf(recoveryStep)
    for (const step of STEPS.slice(first)) {
      if (!(await this.store.advance(round, step))) return null
      await debugPoint(`recovery-${step.toLowerCase()}` as DebugPoint)
      if (step === 'REOPEN') break
      const started = this.clock.monotonicMs()
      await this.runStep(step)
      this.logger.log({ step, ms: Math.round(this.clock.monotonicMs() - started) }, 'recovery step done')
    }
    const change = await this.transitions.completeRecovery(round)
    if (change) await this.wakeAllChannels()
    return change
  }

  private async runStep(step: Exclude<RecoveryStep, 'REOPEN'>): Promise<void> {
    switch (step) {
      case 'REBUILD':
        await this.markForSweep()
        return this.gates.rebuildAll('recovery')
      case 'DRAIN':
        return void (await this.inbox.drain())
      case 'SWEEP':
        return this.sweep.sweepPending(SWEEP_TIMEOUT_MS)
      case 'CAPS':
        return this.caps.replanAll()
    }
  }

  private async markForSweep(): Promise<void> {
    const locked = await this.store.markForSweep()
    if (locked > 0) this.logger.warn({ channels: locked }, 'locked channels could not be marked for the sweep')
  }

  private async wakeAllChannels(): Promise<void> {
    const eventIds = await this.events.ids({ scope: 'open', now: this.clock.now() })
    for (const eventId of eventIds) this.channels.wake(eventId)
  }
}
