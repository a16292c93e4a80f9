import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../infrastructure/prisma/live-events.js'
import type { RefusedSignatures } from '../inbound/receive/signature-store.js'
import { signatureKey } from '../inbound/subscriptions/stored-keys.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'

/** Fewer may come from a third party. */
const MIN_COUNT = 3
/** Older failures prove nothing about the current secret, ms. */
const MAX_AGE_MS = 24 * 3_600_000

/** Deliveries of a platform no longer verify: its secret was probably changed, and sales are detected by sweeps only. */
@Injectable()
export class SignaturesRefused extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'signatures'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const keys = new Map(PLATFORMS.map((platform) => [signatureKey(platform), platform]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...keys.keys()] } } })
    if (rows.length === 0) return []
    const used = await this.prisma.channel.groupBy({ by: ['platform'], where: liveChannels(now) })
    return rows.flatMap(({ key, value }) => {
      const platform = keys.get(key)
      const isUsed = used.some((row) => row.platform === platform)
      return platform && isUsed ? assess(platform, value as unknown as RefusedSignatures, now) : []
    })
  }
}

function assess(platform: Platform, { count, firstAt, lastAt }: RefusedSignatures, now: Date): AlertProblem[] {
  if (count < MIN_COUNT || now.getTime() - Date.parse(lastAt) > MAX_AGE_MS) return []
  const age = formatDuration(now.getTime() - Date.parse(firstAt))
  const detail =
    `${count} webhook deliveries for ${platform} in ${age} had no valid signature or secret, and none has been valid since. ` +
    `If ${platform} sent them, its webhook secret was changed: set the new one. Until then sales are detected by sweeps only.`
  return [{ platform, detail }]
}
