import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { Config } from '../infrastructure/config/config.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import { canReach } from '../inbound/subscriptions/public-address.js'
import { SubscriptionStore, type SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'
import { AlertCondition, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

/** A platform that supports webhooks is not subscribed, or cannot be: its sales are detected by sweeps only. */
@Injectable()
export class WebhooksMissing extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'webhooks'

  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly channels: ChannelHealth,
    private readonly platforms: Platforms,
    private readonly config: Config,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const records = await this.subscriptions.records()
    const used = await this.channels.livePlatforms(now)
    return used.flatMap((platform) => this.assess(platform, records.get(platform)) ?? [])
  }

  private assess(platform: Platform, record: unknown): AlertProblem | null {
    const { configured, hasWebhooks } = this.platforms.get(platform)
    if (!configured || !hasWebhooks) return null
    const reason = this.misconfigured(platform) ?? unregistered(record)
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
}

/** Why the platform is not subscribed, according to the stored record. */
function unregistered(record: unknown): string | null {
  const stored = record as Partial<SubscriptionRecord> | null | undefined
  if (stored?.registered !== false) return null
  return stored.reason ?? 'no subscription exists'
}
