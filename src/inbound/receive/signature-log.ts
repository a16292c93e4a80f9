import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { SignatureStore } from './signature-store.js'

/** Minimum interval between two writes per connection, ms: deliveries arrive by the hundred. */
const WRITE_INTERVAL_MS = 5_000

interface Tally {
  refused: number
  hasValid: boolean
  /** Cancels the scheduled write; null if none is scheduled. */
  cancelWrite: (() => void) | null
  /** On the monotonic clock, ms. */
  writtenAt: number
}

/** Counts consecutive deliveries of a connection that failed verification, across all processes; a valid one resets the count. */
@Injectable()
export class SignatureLog implements BeforeApplicationShutdown {
  private readonly logger = new Logger(SignatureLog.name)
  /** By connection. */
  private readonly tallies = new Map<string, Tally>()

  constructor(
    private readonly signatures: SignatureStore,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  record(connectionId: string, authentic: boolean): void {
    const tally = this.tallies.get(connectionId) ?? {
      refused: 0,
      hasValid: false,
      cancelWrite: null,
      writtenAt: Number.NEGATIVE_INFINITY,
    }
    this.tallies.set(connectionId, tally)
    tally.hasValid ||= authentic
    tally.refused = authentic ? 0 : tally.refused + 1
    if (tally.cancelWrite) return
    const delayMs = Math.max(0, tally.writtenAt + WRITE_INTERVAL_MS - this.clock.monotonicMs())
    tally.cancelWrite = this.timers.after(delayMs, () => void this.write(connectionId, tally))
  }

  async beforeApplicationShutdown(): Promise<void> {
    const unwritten = [...this.tallies].filter(([, { cancelWrite }]) => cancelWrite !== null)
    await Promise.all(unwritten.map(([id, tally]) => this.write(id, tally)))
  }

  private async write(connectionId: string, tally: Tally): Promise<void> {
    const { refused, hasValid } = tally
    tally.cancelWrite?.()
    Object.assign(tally, { refused: 0, hasValid: false, cancelWrite: null, writtenAt: this.clock.monotonicMs() })
    try {
      if (hasValid) await this.signatures.clear(connectionId)
      if (refused > 0) await this.signatures.add(connectionId, refused, this.clock.now())
    } catch (error) {
      // The count only shows a trend: losing a part of it is acceptable.
      this.logger.debug({ err: error, connectionId }, 'failed to record refused signatures')
    }
  }
}
