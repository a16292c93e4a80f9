import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { Prisma } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

/** Deliveries whose signature or secret was not valid, since the last one that was. */
export interface RefusedSignatures {
  count: number
  /** RFC 3339 UTC. */
  firstAt: string
  lastAt: string
}

/** Deliveries come by the hundred: at most one write in this time, ms, per platform. */
const WRITE_EVERY_MS = 5_000

export const signatureKey = (platform: Platform) => `webhook-signatures:${platform}`

interface Tally {
  refused: number
  good: boolean
  timer: NodeJS.Timeout | null
  writtenAt: number
}

/** Counts for all processes together how many deliveries in a row could not be verified; one that can starts anew. */
@Injectable()
export class SignatureLog implements BeforeApplicationShutdown {
  private readonly logger = new Logger(SignatureLog.name)
  private readonly tallies = new Map<Platform, Tally>()

  constructor(private readonly prisma: PrismaService) {}

  note(platform: Platform, authentic: boolean): void {
    const tally = this.tallies.get(platform) ?? { refused: 0, good: false, timer: null, writtenAt: 0 }
    this.tallies.set(platform, tally)
    tally.good ||= authentic
    tally.refused = authentic ? 0 : tally.refused + 1
    if (tally.timer) return
    const wait = Math.max(0, tally.writtenAt + WRITE_EVERY_MS - Date.now())
    tally.timer = setTimeout(() => void this.write(platform, tally), wait)
    tally.timer.unref()
  }

  async beforeApplicationShutdown(): Promise<void> {
    const waiting = [...this.tallies].filter(([, { timer }]) => timer !== null)
    await Promise.all(waiting.map(([platform, tally]) => this.write(platform, tally)))
  }

  private async write(platform: Platform, tally: Tally): Promise<void> {
    const { refused, good } = tally
    if (tally.timer) clearTimeout(tally.timer)
    Object.assign(tally, { refused: 0, good: false, timer: null, writtenAt: Date.now() })
    try {
      const key = signatureKey(platform)
      if (good) await this.prisma.storedValue.deleteMany({ where: { key } })
      if (refused > 0) await this.add(key, refused)
    } catch (error) {
      // Of a count that only shows a trend some may be lost.
      this.logger.debug({ err: error, platform }, 'refused signatures could not be counted')
    }
  }

  private async add(key: string, refused: number): Promise<void> {
    const at = new Date().toISOString()
    const value: Prisma.InputJsonObject = { count: refused, firstAt: at, lastAt: at }
    await this.prisma.$executeRaw`
      INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, ${value}::jsonb, now())
      ON CONFLICT (key) DO UPDATE SET updated_at = now(), value = stored_values.value
        || jsonb_build_object('lastAt', ${at}::text, 'count', (stored_values.value->>'count')::bigint + ${refused}::int)`
  }
}
