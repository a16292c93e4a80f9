import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { Prisma } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'

/** Deliveries with an invalid signature or secret since the last valid one. */
export interface RefusedSignatures {
  count: number
  /** RFC 3339 UTC. */
  firstAt: string
  lastAt: string
}

/** Minimum interval between two writes per platform, ms: deliveries arrive by the hundred. */
const WRITE_INTERVAL_MS = 5_000

export const signatureKey = (platform: Platform) => `webhook-signatures:${platform}`

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
    private readonly prisma: PrismaService,
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
      const key = signatureKey(platform)
      if (hasValid) await this.prisma.storedValue.deleteMany({ where: { key } })
      if (refused > 0) await this.add(key, refused)
    } catch (error) {
      // The count only shows a trend: losing a part of it is acceptable.
      this.logger.debug({ err: error, platform }, 'failed to record refused signatures')
    }
  }

  private async add(key: string, refused: number): Promise<void> {
    const at = this.clock.now().toISOString()
    const value: Prisma.InputJsonObject = { count: refused, firstAt: at, lastAt: at }
    await this.prisma.$executeRaw`
      INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, ${value}::jsonb, now())
      ON CONFLICT (key) DO UPDATE SET updated_at = now(), value = stored_values.value
        || jsonb_build_object('lastAt', ${at}::text, 'count', (stored_values.value->>'count')::bigint + ${refused}::int)`
  }
}
