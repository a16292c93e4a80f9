import { Injectable } from '@nestjs/common'
import type { Platform } from '../../domain/channel.js'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { Platforms } from '../../platforms/platforms.js'
import { canReach } from '../../webhooks/public-address.js'
import { Condition, type Problem } from './condition.js'

/** As the last check of a platform's webhook subscription left it. */
export interface StoredSubscription {
  registered: boolean
  /** Why not; null: no reason is known. */
  reason: string | null
  /** RFC 3339 UTC. */
  checkedAt: string
}

export const subscriptionKey = (platform: Platform) => `webhook-subscription:${platform}`

/** A platform that could tell of sales and is not, or cannot be, told where to: they are seen by sweeps only. */
@Injectable()
export class WebhooksMissing extends Condition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'webhooks'

  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly config: Config,
  ) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const used = await this.prisma.channel.groupBy({ by: ['platform'], where: liveChannels(now) })
    const problems = await Promise.all(used.map(({ platform }) => this.judge(platform as Platform)))
    return problems.flatMap((problem) => problem ?? [])
  }

  private async judge(platform: Platform): Promise<Problem | null> {
    const { configured, hasWebhooks } = this.platforms.get(platform)
    if (!configured || !hasWebhooks) return null
    const why = this.misconfigured(platform) ?? (await this.unregistered(platform))
    if (why === null) return null
    const detail = `${platform} sends no webhooks to this service: ${why}. Sales there are seen by sweeps only, minutes later.`
    return { platform, detail }
  }

  private misconfigured(platform: Platform): string | null {
    const { eventbrite, luma, http } = this.config
    const api = platform === 'LUMA' ? luma.apiUrl : eventbrite.apiUrl
    if (!canReach(api, http.publicUrl)) return `PUBLIC_URL (${http.publicUrl}) cannot be reached from the internet`
    if (platform === 'EVENTBRITE' && !eventbrite.webhookToken) return 'EVENTBRITE_WEBHOOK_TOKEN is not set'
    return null
  }

  private async unregistered(platform: Platform): Promise<string | null> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: subscriptionKey(platform) } })
    const stored = row?.value as Partial<StoredSubscription> | undefined
    if (stored?.registered !== false) return null
    return stored.reason ?? 'it is not subscribed'
  }
}
