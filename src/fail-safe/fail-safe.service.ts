import { setTimeout as sleep } from 'node:timers/promises'
import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { ChannelCounter } from './channel-count.js'
import { FailSafeCoordinator } from './fail-safe-coordinator.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { ModeStore, type ModeChange } from './mode-store.js'
import type { ModeDto } from './mode.dto.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

/** Who changes the mode. `id`: the account; null for the command line. */
export interface ModeActor {
  id: string | null
  name: string
}

const LOOK_EVERY_MS = 200

/** The mode in the hands of people: API and command line. Needs PostgreSQL, and no Redis. */
@Injectable()
export class FailSafeService {
  constructor(
    private readonly store: ModeStore,
    private readonly mode: SystemMode,
    private readonly watch: RedisWatch,
    private readonly state: ServiceState,
    private readonly news: ModeChangeNotifier,
    private readonly counter: ChannelCounter,
    private readonly duty: FailSafeCoordinator,
    private readonly audit: AuditService,
  ) {}

  async status(): Promise<ModeDto> {
    const [stored, channels] = await Promise.all([this.mode.refresh(), this.counter.count()])
    const mode = this.mode.current()
    const unstored = mode !== stored.mode
    return {
      mode,
      forced: stored.forced,
      reason: unstored ? (this.state.outOfService ?? `Redis does not answer: ${this.watch.why}`) : stored.reason,
      since: stored.since.toISOString(),
      channels,
    }
  }

  /** Nothing is sold, and every platform goes to waitlist only, until `clear`. Forcing again changes the reason. */
  async force(reason: string, actor: ModeActor): Promise<ModeDto> {
    const change = await this.store.force(reason, actor.name, this.recorded('system.fail-safe.on', actor))
    await this.news.tell('forced', change)
    return this.status()
  }

  /** The mode ends by itself as soon as Redis answers and all sales are read. Not forced: changes nothing. */
  async clear(reason: string, actor: ModeActor): Promise<ModeDto> {
    const change = await this.store.release(reason, actor.name, this.recorded('system.fail-safe.off', actor))
    await this.news.tell('released', change)
    return this.status()
  }

  /**
   * For a process that ends soon: takes its part in the work until every channel is closed (FAIL_SAFE) or the mode has
   * ended (NORMAL). False: not within the time.
   */
  async settle(wanted: ModeDto['mode'], timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs
    await this.duty.start('cli')
    for (;;) {
      const { mode, channels } = await this.status()
      if (mode === wanted && (wanted === 'NORMAL' || channels.pending === 0)) return true
      if (Date.now() >= deadline) return false
      await sleep(LOOK_EVERY_MS)
    }
  }

  private recorded(action: string, actor: ModeActor) {
    return (tx: Parameters<AuditService['record']>[5], { before, after }: ModeChange) =>
      this.audit.record(actor.id, action, 'system', stateOf(before), stateOf(after), tx)
  }
}

function stateOf({ mode, forced, reason }: ModeChange['after']) {
  return { mode, forced, reason }
}
