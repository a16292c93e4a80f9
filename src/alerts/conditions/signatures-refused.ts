import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { signatureKey, type RefusedSignatures } from '../../webhooks/signature-log.js'
import { Condition, inWords, type Problem } from './condition.js'

/** One may be anybody's. */
const SEVERAL = 3
/** What was not seen for so long tells nothing of today's secret any more, ms. */
const OUTDATED_MS = 24 * 3_600_000

/** A platform whose deliveries stopped verifying: its secret was changed, and sales are seen by sweeps only. */
@Injectable()
export class SignaturesRefused extends Condition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'signatures'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const keys = new Map(PLATFORMS.map((platform) => [signatureKey(platform), platform]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...keys.keys()] } } })
    if (rows.length === 0) return []
    const used = await this.prisma.channel.groupBy({ by: ['platform'], where: liveChannels(now) })
    return rows.flatMap(({ key, value }) => {
      const platform = keys.get(key)
      const isUsed = used.some((one) => one.platform === platform)
      return platform && isUsed ? judge(platform, value as unknown as RefusedSignatures, now) : []
    })
  }
}

function judge(platform: Platform, { count, firstAt, lastAt }: RefusedSignatures, now: Date): Problem[] {
  if (count < SEVERAL || now.getTime() - Date.parse(lastAt) > OUTDATED_MS) return []
  const age = inWords(now.getTime() - Date.parse(firstAt))
  const detail =
    `${count} deliveries for ${platform} in ${age} had no valid signature or secret, and none was valid since. If they are ` +
    `${platform}'s own, its webhook secret was changed: set the new one. Sales there are seen by sweeps meanwhile.`
  return [{ platform, detail }]
}
