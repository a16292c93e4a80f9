import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { Clock } from '../infrastructure/time/clock.js'
import { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Timers } from '../infrastructure/time/timers.js'
import { ChannelCounter } from './close/channel-count.js'
import { FailSafeCoordinator } from './fail-safe-coordinator.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import type { ModeChange } from '../system-mode/mode-store.js'
import { ModeTransitions } from '../system-mode/mode-transitions.js'
import type { ModeDto } from './mode.dto.js'
import { RedisWatch } from '../system-mode/redis-watch.js'
import { SystemMode } from '../system-mode/system-mode.js'

/** Who changes the mode. `id`: the user; null for the command line. */
export interface ModeActor {
  id: string | null
  name: string
}

const STATUS_POLL_MS = 200

/** Reads and changes the mode for the API and the command line. Needs PostgreSQL but not Redis. */
@Injectable()
export class FailSafeService {
  constructor(
    private readonly transitions: ModeTransitions,
    private readonly mode: SystemMode,
    private readonly watch: RedisWatch,
    private readonly state: ServiceState,
    private readonly notifier: ModeChangeNotifier,
    private readonly counter: ChannelCounter,
    private readonly coordinator: FailSafeCoordinator,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  async status(): Promise<ModeDto> {
    const [stored, channels] = await Promise.all([this.mode.refresh(), this.counter.count()])
    const mode = this.mode.current()
    const differsFromStored = mode !== stored.mode
    return {
      mode,
      forced: stored.forced,
      reason: differsFromStored
        ? (this.state.outOfService ?? `Redis is unreachable: ${this.watch.lastError}`)
        : stored.reason,
      since: stored.since.toISOString(),
      channels,
    }
  }

  /** Stops all sales and sets every platform to waitlist only until `clear`. Forcing again changes the reason. */
  async force(reason: string, actor: ModeActor): Promise<ModeDto> {
    const change = await this.transitions.force(reason, actor.name, this.auditEntry('system.fail-safe.on', actor))
    await this.notifier.notify('forced', change)
    return this.status()
  }

  /** Releases a forced mode: it then ends once Redis is reachable and all sales are read. Not forced: changes nothing. */
  async clear(reason: string, actor: ModeActor): Promise<ModeDto> {
    const change = await this.transitions.release(reason, actor.name, this.auditEntry('system.fail-safe.off', actor))
    await this.notifier.notify('released', change)
    return this.status()
  }

  /**
   * For a short-lived process: takes part in the coordination until every channel is closed (FAIL_SAFE) or the mode has
   * ended (NORMAL). Returns false on timeout.
   */
  async settle(target: ModeDto['mode'], timeoutMs: number): Promise<boolean> {
    const deadline = this.clock.now().getTime() + timeoutMs
    await this.coordinator.start('cli')
    for (;;) {
      const { mode, channels } = await this.status()
      if (mode === target && (target === 'NORMAL' || channels.pending === 0)) return true
      if (this.clock.now().getTime() >= deadline) return false
      await this.timers.sleep(STATUS_POLL_MS)
    }
  }

  private auditEntry(action: string, actor: ModeActor) {
    return (transaction: DatabaseTransaction, { before, after }: ModeChange) =>
      this.audit.record(actor.id, action, 'system', stateOf(before), stateOf(after), transaction)
  }
}

function stateOf({ mode, forced, reason }: ModeChange['after']) {
  return { mode, forced, reason }
}
