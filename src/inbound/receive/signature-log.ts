import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Platform } from '../../domain/channel.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { SignatureStore } from './signature-store.js'

/** Minimum interval between two writes per platform, ms: deliveries arrive by the hundred. */
const WRITE_INTERVAL_MS = 5_000

interface Tally {
  refused: number
  hasValid: boolean
  /** Cancels the scheduled write; null if none is scheduled. */
  cancelWrite: (() => void) | null
  /** On the monotonic clock, ms. */
  writtenAt: number
}

/** Counts consecutive deliveries that failed verification, across all processes; a valid one resets the count. */
@Injectable()
export class SignatureLog implements BeforeApplicationShutdown {
  private readonly logger = new Logger(SignatureLog.name)
  private readonly tallies = new Map<Platform, Tally>()

  constructor(
    private readonly signatures: SignatureStore,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  record(platform: Platform, authentic: boolean): void {
    const tally = this.tallies.get(platform) ?? {
      refused: 0,
      hasValid: false,
      cancelWrite: null,
      writtenAt: Number.NEGATIVE_INFINITY,
    }
    this.tallies.set(platform, tally)
    tally.hasValid ||= authentic
    tally.refused = authentic ? 0 : tally.refused + 1
    if (tally.cancelWrite) return
    const delayMs = Math.max(0, tally.writtenAt + WRITE_INTERVAL_MS - this.clock.monotonicMs())
    tally.cancelWrite = this.timers.after(delayMs, () => void this.write(platform, tally))
  }

  async beforeApplicationShutdown(): Promise<void> {
    const unwritten = [...this.tallies].filter(([, { cancelWrite }]) => cancelWrite !== null)
    await Promise.all(unwritten.map(([platform, tally]) => this.write(platform, tally)))
  }

  private async write(platform: Platform, tally: Tally): Promise<void> {
    const { refused, hasValid } = tally
    tally.cancelWrite?.()
    Object.assign(tally, { refused: 0, hasValid: false, cancelWrite: null, writtenAt: this.clock.monotonicMs() })
    try {
      if (hasValid) await this.signatures.clear(platform)
      if (refused > 0) await this.signatures.add(platform, refused, this.clock.now())
    } catch (error) {
      // The count only shows a trend: losing a part of it is acceptable.
      this.logger.debug({ err: error, platform }, 'failed to record refused signatures')
    }
  }
}
