import { Injectable } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { alertSubjectOf, nameOf, Platforms, type PlatformConnection } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import { canReach } from '../inbound/subscriptions/public-address.js'
import { SubscriptionStore, type SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'
import { AlertCondition, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

/** A connection whose platform supports webhooks has no subscription, or cannot have one: its sales are detected by sweeps only. */
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
    const used = new Set((await this.channels.liveConnections(now)).map(({ id }) => id))
    const records = await this.subscriptions.records([...used])
    const connections = this.platforms.all().filter(({ id }) => used.has(id))
    return connections.flatMap((connection) => this.assess(connection, records.get(connection.id)) ?? [])
  }

  private assess(connection: PlatformConnection, record: unknown): AlertProblem | null {
    const { platform, adapter } = connection
    if (!adapter.configured || !adapter.hasWebhooks) return null
    const reason = this.misconfigured(connection) ?? unregistered(record)
    if (reason === null) return null
    const detail = `${nameOf(connection)} sends no webhooks to this service: ${reason}. Its sales are detected by sweeps only, minutes later.`
    return { platform, ...alertSubjectOf(connection), detail }
  }

  private misconfigured({ platform, webhookPath }: PlatformConnection): string | null {
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks) return null
    if (!canReach(webhooks.apiUrl(this.config), publicUrl))
      return `PUBLIC_URL (${publicUrl}) cannot be reached from the internet`
    return webhookPath === null ? `${webhooks.secretVariable} is not set` : null
  }
}

/** Why the platform is not subscribed, according to the stored record. */
function unregistered(record: unknown): string | null {
  const stored = record as Partial<SubscriptionRecord> | null | undefined
  if (stored?.registered !== false) return null
  return stored.reason ?? 'no subscription exists'
}
