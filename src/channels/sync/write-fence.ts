import type { FailSafeState } from '../../system-mode/fail-safe-state.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { WriteFence } from '../../platforms/port.js'
import type { ChannelStore } from '../channel-store.js'
import type { InFlightWrite } from './cap-write-journal.js'

/**
 * Lets the requests of one write pass only while it is the newest: no later write has started, the desired state is
 * unchanged, the channel's lock is held, and in fail-safe mode it opens nothing. The instant at which each is sent is
 * stamped in PostgreSQL, so that every process knows from when on a lost request can no longer land.
 */
export class ChannelFence implements WriteFence {
  /** A request was blocked. */
  outdated = false
  /** When the last request passed; none was sent after the time of one call from then on. */
  sentAt: Date | null = null
  /** When the last response to one arrived. The outcome of the write may be known much later, after a pause. */
  respondedAt: Date | null = null

  constructor(
    private readonly channels: ChannelStore,
    private readonly failSafe: FailSafeState,
    private readonly inFlight: InFlightWrite,
    private readonly lost: AbortSignal,
    private readonly clock: Clock,
    /** Records a cap above that of the write. */
    private readonly widen: (cap: number) => Promise<void>,
  ) {}

  async beforeSend(cap?: number): Promise<boolean> {
    const { write } = this.inFlight
    if (cap !== undefined && write.kind === 'WRITE' && cap > write.cap && !this.lost.aborted) await this.widen(cap)
    const current = (await this.stamp()) && !(await this.isForbidden()) && !this.lost.aborted
    if (!current) this.outdated = true
    return current
  }

  responded(): void {
    this.respondedAt = this.clock.now()
  }

  private async stamp(): Promise<boolean> {
    if (this.lost.aborted) return false
    const { channel, seq, version } = this.inFlight
    const now = this.clock.now()
    const stamped = await this.channels.stampSent({ channelId: channel.id, seq, desiredVersion: version }, now)
    if (stamped) this.sentAt = now
    return stamped
  }

  private async isForbidden(): Promise<boolean> {
    const { write } = this.inFlight
    return write.kind === 'WRITE' && write.mode === 'OPEN' && (await this.failSafe.isFailSafe(null))
  }
}
