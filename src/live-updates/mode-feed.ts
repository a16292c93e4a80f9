import { Injectable } from '@nestjs/common'
import { FailSafeService } from '../fail-safe/fail-safe.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { SystemMode } from '../system-mode/system-mode.js'
import type { StreamMessage } from './stream-clients.js'

/** Events also end without a change of a row, and not all of very many are watched, ms. */
const MAX_AGE_MS = 10_000

/** Changes of the system mode. Its counts are over all channels: they are read again only after a change. */
@Injectable()
export class ModeFeed {
  private mode: StreamMessage | null = null
  /** The stored mode and that of this process, and when the counts were read, ms. */
  private read: { from: string; at: number } | null = null

  constructor(
    private readonly system: SystemMode,
    private readonly failSafe: FailSafeService,
    private readonly clock: Clock,
  ) {}

  reset(): void {
    this.mode = null
    this.read = null
  }

  get last(): StreamMessage | null {
    return this.mode
  }

  /** `channelsChanged`: whether some channel has changed since the last call. */
  async changes(channelsChanged: boolean): Promise<StreamMessage[]> {
    const from = JSON.stringify([await this.system.refresh(), this.system.current()])
    const at = this.clock.monotonicMs()
    const isKnown = this.read !== null && this.read.from === from && at - this.read.at < MAX_AGE_MS
    if (isKnown && !channelsChanged) return []
    const data = JSON.stringify(await this.failSafe.status())
    this.read = { from, at }
    if (data === this.mode?.data) return []
    this.mode = { name: 'mode', data }
    return [this.mode]
  }
}
