import { Injectable, Logger } from '@nestjs/common'
import { ChannelJobs } from '../channels/channel-jobs.js'
import { debugPoint, type DebugPoint } from '../infrastructure/debug-point.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { InboxDrain } from '../webhooks/inbox-drain.js'
import { CapReplanStep } from './cap-replan-step.js'
import { GateRebuildStep } from './gate-rebuild-step.js'
import { ModeStore, type ModeChange, type RecoveryStep, type StoredMode } from './mode-store.js'
import { OutageSweep } from './outage-sweep.js'
import { openEvents } from '../inventory/live-events.js'

/** For so long recovery waits for sales to be read; channels that take longer open later, each for itself. */
const SWEEP_WITHIN_MS = 5_000

const STEPS: readonly RecoveryStep[] = ['REBUILD', 'DRAIN', 'SWEEP', 'CAPS', 'REOPEN']

/**
 * The way back, step by step. Every step may be repeated; which one is at work stands in PostgreSQL, so that another
 * process goes on where one has died.
 */
@Injectable()
export class Recovery {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly prisma: PrismaService,
    private readonly store: ModeStore,
    private readonly gates: GateRebuildStep,
    private readonly inbox: InboxDrain,
    private readonly sweep: OutageSweep,
    private readonly caps: CapReplanStep,
    private readonly channels: ChannelJobs,
  ) {}

  /** Null: not to the end this time. Rejects when a step fails; it is repeated at the next call. */
  async run({ round, recoveryStep }: StoredMode): Promise<ModeChange | null> {
    const first = recoveryStep === null ? 0 : STEPS.indexOf(recoveryStep)
    for (const step of STEPS.slice(first)) {
      if (!(await this.store.advance(round, step))) return null
      await debugPoint(`recovery-${step.toLowerCase()}` as DebugPoint)
      if (step === 'REOPEN') break
      const started = performance.now()
      await this.carryOut(step)
      this.logger.log({ step, ms: Math.round(performance.now() - started) }, 'recovery step done')
    }
    const change = await this.store.recovered(round)
    if (change) await this.hurryAll()
    return change
  }

  private async carryOut(step: Exclude<RecoveryStep, 'REOPEN'>): Promise<void> {
    switch (step) {
      case 'REBUILD':
        await this.markUnseen()
        return this.gates.renew('recovery')
      case 'DRAIN':
        return void (await this.inbox.drain())
      case 'SWEEP':
        return this.sweep.sweepWaiting(SWEEP_WITHIN_MS)
      case 'CAPS':
        return this.caps.renewAll()
    }
  }

  private async markUnseen(): Promise<void> {
    const locked = await this.store.markUnseen()
    if (locked > 0) this.logger.warn({ channels: locked }, 'channels that are locked cannot be marked for the sweep')
  }

  private async hurryAll(): Promise<void> {
    const events = await this.prisma.event.findMany({ where: openEvents(new Date()), select: { id: true } })
    for (const { id } of events) this.channels.hurry(id)
  }
}
