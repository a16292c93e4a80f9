import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { ChannelStore } from '../../channels/channel-store.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Config } from '../../infrastructure/config/config.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { alertSubjectOf, nameOf, Platforms, type PlatformConnection } from '../../platforms/platforms.js'
import type { Failure, WebhookSubscription } from '../../platforms/port.js'
import { traitsOf } from '../../platforms/registry.js'
import { canReach } from './public-address.js'
import { FetchJobs } from '../route/fetch-jobs.js'
import { SubscriptionRecords, type SubscriptionStatus } from './subscription-records.js'
import { SubscriptionStore } from './subscription-store.js'
import { WebhookSecrets } from './webhook-secrets.js'
import { SweepSchedule } from '../polling/sweep-schedule.js'

const CHECK_INTERVAL_MS = 15 * 60_000
/** Delay before a check that got no response is retried, ms. */
const RETRY_MS = 5_000
/** Maximum delay before a new event is subscribed to, where subscriptions are per event, ms. */
const TICK_MS = 1_000
/** Another process may have subscribed, or this one created an adapter. */
const SECRET_RELOAD_MS = 2_000
/** Time in which every process learns of an added connection, ms: before that it would refuse a delivery. */
const KNOWN_EVERYWHERE_MS = 2_000

/**
 * Ensures webhook subscriptions at platforms that send webhooks and can reach this service: missing ones are created,
 * none twice. A secret that a platform generates for a subscription is stored and accepted from then on.
 */
@Injectable()
export class Subscriptions {
  private readonly logger = new Logger(Subscriptions.name)
  /** By connection: when the next check is due on the monotonic clock, ms, and the events that the last one covered. */
  private readonly checks = new Map<string, { dueAt: number; scope: string }>()
  /** Added connections: since when this process knows them, on the monotonic clock, ms. */
  private readonly firstSeen = new Map<string, number>()

  constructor(
    private readonly platforms: Platforms,
    private readonly store: SubscriptionStore,
    private readonly secrets: WebhookSecrets,
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
    const connections = this.platforms.all()
    const secrets = await this.secrets.load(connections.map(({ id }) => id))
    for (const { id, adapter } of connections) {
      const secret = secrets.get(id)
      if (secret !== undefined) adapter.acceptSecret?.(secret)
    }
  }

  /** Per connection: whether its platform sends webhooks to this service, and why not, according to the last check of any process. */
  status(): Promise<SubscriptionStatus[]> {
    return this.records.all()
  }

  /** The live events to subscribe to; undefined where the platform has no subscriptions per event. */
  async eventsOf({ id, adapter }: PlatformConnection): Promise<string[] | undefined> {
    if (adapter.subscribesPerEvent !== true) return undefined
    return this.store.liveListings(id, this.clock.now())
  }

  @Periodic({ name: 'subscription check', every: TICK_MS })
  async ensureWhenDue(): Promise<void> {
    for (const connection of this.connections()) {
      if (!this.isKnownEverywhere(connection)) continue
      const events = await this.eventsOf(connection)
      const last = this.checks.get(connection.id)
      const scope = JSON.stringify(events ?? null)
      if (last !== undefined && last.dueAt > this.clock.monotonicMs() && last.scope === scope) continue
      const done = await this.ensure(connection, events)
      const dueAt = this.clock.monotonicMs() + (done ? CHECK_INTERVAL_MS : RETRY_MS)
      this.checks.set(connection.id, { dueAt, scope })
    }
  }

  /** Returns false if a connection could not be checked now, or not all subscriptions are ensured yet. */
  async ensureAll(): Promise<boolean> {
    let done = true
    for (const connection of this.connections()) {
      done = (await this.ensure(connection, await this.eventsOf(connection))) && done
    }
    return done
  }

  private isKnownEverywhere({ id, fromEnvironment }: PlatformConnection): boolean {
    if (fromEnvironment) return true
    const now = this.clock.monotonicMs()
    const firstSeenAt = this.firstSeen.get(id) ?? now
    this.firstSeen.set(id, firstSeenAt)
    return now - firstSeenAt >= KNOWN_EVERYWHERE_MS
  }

  private connections(): PlatformConnection[] {
    return this.platforms.all().filter(({ adapter }) => adapter.configured && adapter.hasWebhooks)
  }

  /** Returns false if the check should be retried soon. A failure of one connection does not affect the others. */
  private async ensure(connection: PlatformConnection, events: readonly string[] | undefined): Promise<boolean> {
    const { id, platform } = connection
    const address = this.addressFor(connection)
    try {
      if (address === null) {
        await this.records.save(id, { registered: false, reason: this.missingAddressReason(connection) })
        return true
      }
      // Null: another process is checking.
      const work = () => this.ensureAt(connection, address, events)
      return (await this.locks.tryWith(`subscription:${id}`, work)) ?? true
    } catch (error) {
      this.logger.warn({ err: error, platform, connectionId: id }, 'subscription check failed; will retry')
      return false
    }
  }

  private async ensureAt(
    connection: PlatformConnection,
    address: string,
    events: readonly string[] | undefined,
  ): Promise<boolean> {
    const { id, platform, adapter } = connection
    const outcome = await adapter.ensureWebhookSubscription(address, { lane: 'protect' }, events)
    if (outcome.kind !== 'OK') {
      this.logger.warn({ platform, connectionId: id, outcome }, 'failed to ensure the webhook subscription')
      if (isTransient(outcome)) {
        // The result of an earlier check may still be valid.
        const reason = outcome.kind === 'THROTTLED' ? 'throttled' : outcome.reason
        await this.records.saveIfAbsent(id, { registered: false, reason: `not checked yet: ${reason}` })
        return false
      }
      await this.recordMissing(connection, 'message' in outcome ? outcome.message : outcome.reason)
      return true
    }
    await this.recordSubscribed(connection, outcome.value)
    return outcome.value.complete !== false
  }

  private async recordSubscribed(connection: PlatformConnection, subscription: WebhookSubscription): Promise<void> {
    const { id, created, secret, events, problems = [] } = subscription
    if (secret) await this.saveSecret(connection, secret)
    if (created) {
      this.logger.log({ platform: connection.platform, connectionId: connection.id, id }, 'subscribed to webhooks')
      await this.catchUp(connection, events)
    }
    const [problem] = problems
    if (problem !== undefined) return this.recordMissing(connection, `${problems.length} events: ${problem}`, events)
    await this.records.save(connection.id, { registered: true, reason: null, ...(events && { events }) })
  }

  /** Reads changes that were not reported while there was no subscription. */
  private async catchUp(connection: PlatformConnection, events: Record<string, string> | undefined): Promise<void> {
    const { id: connectionId, platform } = connection
    if (events === undefined) return this.schedule.sweepNow(connectionId)
    const before = await this.records.eventsOf(connectionId)
    const added = Object.entries(events).filter(([subscriptionId]) => !(subscriptionId in before))
    if (added.length === 0) return
    const externalEventIds = added.map(([, eventId]) => eventId)
    const channels = await this.channels.matching(null, { connectionId, externalEventIds, imported: true })
    for (const { id } of channels) await this.fetchJobs.enqueueChanges({ id, platform }, 'changed', 'grow')
  }

  private async recordMissing(
    connection: PlatformConnection,
    reason: string,
    events?: Record<string, string>,
  ): Promise<void> {
    const { id, platform } = connection
    await this.records.save(id, { registered: false, reason, ...(events && { events }) })
    const detail = `${nameOf(connection)} sends no webhooks to this service: ${reason}. Sales are detected by sweeps only.`
    await this.alerts.raise({
      kind: 'PLATFORM_UNREACHABLE',
      platform,
      about: 'subscription',
      ...alertSubjectOf(connection),
      detail,
    })
  }

  /** The URL for a platform's webhooks; null if it sends none, is not configured, or cannot reach this service. */
  addressFor({ platform, adapter, webhookPath }: PlatformConnection): string | null {
    if (!adapter.configured || !adapter.hasWebhooks) return null
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks || !canReach(webhooks.apiUrl(this.config), publicUrl)) return null
    return webhookPath && publicUrl + webhookPath
  }

  /** For the operator: which setting prevents webhooks. */
  private missingAddressReason({ platform }: PlatformConnection): string {
    const { webhooks } = traitsOf(platform)
    const { publicUrl } = this.config.http
    if (!webhooks || !canReach(webhooks.apiUrl(this.config), publicUrl)) {
      return `${platform} cannot reach ${publicUrl}: set PUBLIC_URL to an address on the internet`
    }
    return `${webhooks.secretVariable} is not set: it is the secret part of the address`
  }

  private async saveSecret({ id, adapter }: PlatformConnection, secret: string): Promise<void> {
    adapter.acceptSecret?.(secret)
    await this.secrets.save(id, secret)
  }
}

type Transient = Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' }>

function isTransient(failure: Failure): failure is Transient {
  return ['THROTTLED', 'NOT_SENT', 'UNAVAILABLE', 'UNKNOWN'].includes(failure.kind)
}
