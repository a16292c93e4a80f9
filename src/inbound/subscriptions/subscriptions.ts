import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { ChannelStore } from '../../channels/channel-store.js'
import type { Platform } from '../../domain/channel.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Config } from '../../infrastructure/config/config.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Failure, PlatformAdapter, WebhookSubscription } from '../../platforms/port.js'
import { traitsOf } from '../../platforms/registry.js'
import { canReach } from './public-address.js'
import { FetchJobs } from '../route/fetch-jobs.js'
import { SubscriptionRecords, type SubscriptionStatus } from './subscription-records.js'
import { SubscriptionStore } from './subscription-store.js'
import { SweepSchedule } from '../polling/sweep-schedule.js'

const CHECK_INTERVAL_MS = 15 * 60_000
/** Delay before a check that got no response is retried, ms. */
const RETRY_MS = 5_000
/** Maximum delay before a new event is subscribed to, where subscriptions are per event, ms. */
const TICK_MS = 1_000
/** Another process may have subscribed again, with another secret. */
const SECRET_RELOAD_MS = 15_000

/**
 * Ensures webhook subscriptions at platforms that send webhooks and can reach this service: missing ones are created,
 * none twice. A secret that a platform generates for a subscription is stored and accepted from then on.
 */
@Injectable()
export class Subscriptions {
  private readonly logger = new Logger(Subscriptions.name)
  /** By platform: when the next check is due on the monotonic clock, ms, and the events that the last one covered. */
  private readonly checks = new Map<Platform, { dueAt: number; scope: string }>()

  constructor(
    private readonly platforms: Platforms,
    private readonly store: SubscriptionStore,
    private readonly channels: ChannelStore,
    private readonly locks: Locks,
    private readonly config: Config,
    private readonly alerts: AlertService,
    private readonly schedule: SweepSchedule,
    private readonly records: SubscriptionRecords,
    private readonly fetchJobs: FetchJobs,
    private readonly clock: Clock,
  ) {}

  /** Loads the stored secrets that deliveries are verified with. */
  @Periodic({ name: 'webhook secret load', every: SECRET_RELOAD_MS, runsIn: 'every process' })
  async loadSecrets(): Promise<void> {
    const adapters = this.platforms.all()
    const secrets = await this.store.secrets(adapters.map(({ platform }) => platform))
    for (const adapter of adapters) {
      const secret = secrets.get(adapter.platform)
      if (secret !== undefined) adapter.acceptSecret?.(secret)
    }
  }

  /** Per platform: whether it sends webhooks to this service, and why not, according to the last check of any process. */
  status(): Promise<SubscriptionStatus[]> {
    return this.records.all()
  }

  /** The live events to subscribe to; undefined where the platform has no subscriptions per event. */
  async eventsOf({ platform, subscribesPerEvent }: PlatformAdapter): Promise<string[] | undefined> {
    if (subscribesPerEvent !== true) return undefined
    return this.store.liveListings(platform, this.clock.now())
  }

  @Periodic({ name: 'subscription check', every: TICK_MS })
  async ensureWhenDue(): Promise<void> {
    for (const adapter of this.adapters()) {
      const events = await this.eventsOf(adapter)
      const last = this.checks.get(adapter.platform)
      const scope = JSON.stringify(events ?? null)
      if (last !== undefined && last.dueAt > this.clock.monotonicMs() && last.scope === scope) continue
      const done = await this.ensure(adapter, events)
      const dueAt = this.clock.monotonicMs() + (done ? CHECK_INTERVAL_MS : RETRY_MS)
      this.checks.set(adapter.platform, { dueAt, scope })
    }
  }

  /** Returns false if a platform could not be checked now, or not all subscriptions are ensured yet. */
  async ensureAll(): Promise<boolean> {
    let done = true
    for (const adapter of this.adapters()) done = (await this.ensure(adapter, await this.eventsOf(adapter))) && done
    return done
  }

  private adapters(): PlatformAdapter[] {
    return this.platforms.all().filter(({ configured, hasWebhooks }) => configured && hasWebhooks)
  }

  /** Returns false if the check should be retried soon. A failure of one platform does not affect the others. */
  private async ensure(adapter: PlatformAdapter, events: readonly string[] | undefined): Promise<boolean> {
    const { platform } = adapter
    const address = this.addressFor(adapter)
    try {
      if (address === null) {
        await this.records.save(platform, { registered: false, reason: this.missingAddressReason(adapter) })
        return true
      }
      // Null: another process is checking.
      const work = () => this.ensureAt(adapter, address, events)
      return (await this.locks.tryWith(`subscription:${platform}`, work)) ?? true
    } catch (error) {
      this.logger.warn({ err: error, platform }, 'subscription check failed; will retry')
      return false
    }
  }

  private async ensureAt(
    adapter: PlatformAdapter,
    address: string,
    events: readonly string[] | undefined,
  ): Promise<boolean> {
    const { platform } = adapter
    const outcome = await adapter.ensureWebhookSubscription(address, { lane: 'protect' }, events)
    if (outcome.kind !== 'OK') {
      this.logger.warn({ platform, outcome }, 'failed to ensure the webhook subscription')
      if (isTransient(outcome)) {
        // The result of an earlier check may still be valid.
        const reason = outcome.kind === 'THROTTLED' ? 'throttled' : outcome.reason
        await this.records.saveIfAbsent(platform, { registered: false, reason: `not checked yet: ${reason}` })
        return false
      }
      await this.recordMissing(platform, 'message' in outcome ? outcome.message : outcome.reason)
      return true
    }
    await this.recordSubscribed(platform, outcome.value)
    return outcome.value.complete !== false
  }

  private async recordSubscribed(platform: Platform, subscription: WebhookSubscription): Promise<void> {
    const { id, created, secret, events, problems = [] } = subscription
    if (secret) await this.saveSecret(platform, secret)
    if (created) {
      this.logger.log({ platform, id }, 'subscribed to webhooks')
      await this.catchUp(platform, events)
    }
    const [problem] = problems
    if (problem !== undefined) return this.recordMissing(platform, `${problems.length} events: ${problem}`, events)
    await this.records.save(platform, { registered: true, reason: null, ...(events && { events }) })
  }

  /** Reads changes that were not reported while there was no subscription. */
  private async catchUp(platform: Platform, events: Record<string, string> | undefined): Promise<void> {
    if (events === undefined) return this.schedule.sweepNow(platform)
    const before = await this.records.eventsOf(platform)
    const added = Object.entries(events).filter(([subscriptionId]) => !(subscriptionId in before))
    if (added.length === 0) return
    const externalEventIds = added.map(([, eventId]) => eventId)
    const channels = await this.channels.matching(null, { platform, externalEventIds, imported: true })
    for (const { id } of channels) await this.fetchJobs.enqueueChanges({ id, platform }, 'changed', 'grow')
  }

  private async recordMissing(platform: Platform, reason: string, events?: Record<string, string>): Promise<void> {
    await this.records.save(platform, { registered: false, reason, ...(events && { events }) })
    const detail = `${platform} sends no webhooks to this service: ${reason}. Sales are detected by sweeps only.`
    await this.alerts.raise({ kind: 'PLATFORM_UNREACHABLE', platform, about: 'subscription', detail })
  }

  /** The URL for a platform's webhooks; null if it sends none, is not configured, or cannot reach this service. */
  addressFor({ platform, configured, hasWebhooks }: PlatformAdapter): string | null {
    if (!configured || !hasWebhooks) return null
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks || !canReach(webhooks.apiUrl(this.config), publicUrl)) return null
    const path = webhooks.path(this.config)
    return path && publicUrl.replace(/\/+$/, '') + path
  }

  /** For the operator: which setting prevents webhooks. */
  private missingAddressReason({ platform }: PlatformAdapter): string {
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks || !canReach(webhooks.apiUrl(this.config), publicUrl)) {
      return `${platform} cannot reach ${publicUrl}: set PUBLIC_URL to an address on the internet`
    }
    return `${webhooks.secretVariable} is not set: it is the secret part of the address`
  }

  private async saveSecret(platform: Platform, secret: string): Promise<void> {
    this.platforms.get(platform).acceptSecret?.(secret)
    await this.store.saveSecret(platform, secret)
  }
}

type Transient = Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' }>

function isTransient(failure: Failure): failure is Transient {
  return ['THROTTLED', 'NOT_SENT', 'UNAVAILABLE', 'UNKNOWN'].includes(failure.kind)
}
