import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { SignatureStore, type RefusedSignatures } from '../inbound/receive/signature-store.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

/** Fewer may come from a third party. */
const MIN_COUNT = 3
/** Older failures prove nothing about the current secret, ms. */
const MAX_AGE_MS = 24 * 3_600_000

/** Deliveries of a platform no longer verify: its secret was probably changed, and sales are detected by sweeps only. */
@Injectable()
export class SignaturesRefused extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'signatures'

  constructor(
    private readonly signatures: SignatureStore,
    private readonly channels: ChannelHealth,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const counts = await this.signatures.counts()
    if (counts.size === 0) return []
    const used = await this.channels.liveConnections(now)
    return [...new Set(used.map(({ platform }) => platform))].flatMap((platform) => {
      const refused = counts.get(platform)
      return refused ? assess(platform, refused, now) : []
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
