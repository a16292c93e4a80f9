import { Injectable } from '@nestjs/common'
import { platformOf, type Platform } from '../domain/channel.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../infrastructure/prisma/live-events.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import { canReach } from '../inbound/subscriptions/public-address.js'
import { subscriptionKey } from '../inbound/subscriptions/stored-keys.js'
import type { SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'
import { AlertCondition, type AlertProblem } from './alert-condition.js'

/** A platform that supports webhooks is not subscribed, or cannot be: its sales are detected by sweeps only. */
@Injectable()
export class WebhooksMissing extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'webhooks'

  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly config: Config,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const used = await this.prisma.channel.groupBy({ by: ['platform'], where: liveChannels(now) })
    const problems = await Promise.all(used.map(({ platform }) => this.assess(platformOf(platform))))
    return problems.flatMap((problem) => problem ?? [])
  }

  private async assess(platform: Platform): Promise<AlertProblem | null> {
    const { configured, hasWebhooks } = this.platforms.get(platform)
    if (!configured || !hasWebhooks) return null
    const reason = this.misconfigured(platform) ?? (await this.unregistered(platform))
    if (reason === null) return null
    const detail = `${platform} sends no webhooks to this service: ${reason}. Its sales are detected by sweeps only, minutes later.`
    return { platform, detail }
  }

  private misconfigured(platform: Platform): string | null {
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks) return null
    if (!canReach(webhooks.apiUrl(this.config), publicUrl))
      return `PUBLIC_URL (${publicUrl}) cannot be reached from the internet`
    return webhooks.path(this.config) === null ? `${webhooks.secretVariable} is not set` : null
  }

  private async unregistered(platform: Platform): Promise<string | null> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: subscriptionKey(platform) } })
    const stored = row?.value as Partial<SubscriptionRecord> | undefined
    if (stored?.registered !== false) return null
    return stored.reason ?? 'no subscription exists'
  }
}
