import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Platform } from '../domain/channel.js'
import { Config } from '../infrastructure/config/config.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { liveChannels } from '../inventory/live-events.js'
import { Platforms } from '../platforms/platforms.js'
import type { Failure, PlatformAdapter, WebhookSubscription } from '../platforms/port.js'
import { canReach } from './public-address.js'
import { ReadJobs } from './read-jobs.js'
import { SubscriptionRecords, type SubscriptionStanding } from './subscription-records.js'
import { SweepSchedule } from './sweep-schedule.js'

const EVERY_MS = 15 * 60_000
/** A check that a platform did not answer is made again so soon, ms. */
const RETRY_MS = 5_000
/** So soon a new event is subscribed to, where subscriptions are made per event, ms. */
const LOOK_EVERY_MS = 1_000
/** Another process may have subscribed anew, with another secret. */
const SECRETS_EVERY_MS = 15_000
const LUMA_SECRET = 'luma-webhook-secret'

/**
 * Keeps this service subscribed where platforms send webhooks and can reach it: created where missing, never twice.
 * A secret that a platform made for the subscription is kept and believed from then on.
 */
@Injectable()
export class Subscriptions implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Subscriptions.name)
  private repeating: Repeating | null = null
  private watching: Repeating | null = null
  /** By platform: when the next check is due, and for which events the last one was. */
  private readonly planned = new Map<Platform, { dueAt: number; scope: string }>()

  constructor(
    private readonly platforms: Platforms,
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly config: Config,
    private readonly alerts: AlertService,
    private readonly schedule: SweepSchedule,
    private readonly records: SubscriptionRecords,
    private readonly reads: ReadJobs,
  ) {}

  /** Every process: deliveries signed with a kept secret are authentic, from now on and when it changes. */
  async loadSecrets(): Promise<void> {
    await this.readSecret()
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'the webhook secret could not be looked up')
    this.watching ??= repeatEvery(SECRETS_EVERY_MS, () => this.readSecret(), failed)
  }

  private async readSecret(): Promise<void> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: LUMA_SECRET } })
    if (typeof row?.value === 'string') this.acceptLuma(row.value)
  }

  start(): void {
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'subscriptions could not be checked')
    this.repeating = repeatEvery(LOOK_EVERY_MS, () => this.ensureWhenDue(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.repeating?.stop(), this.watching?.stop()])
  }

  /** Per platform: whether it sends webhooks to this service, and why not, as the last check of any process found. */
  standing(): Promise<SubscriptionStanding[]> {
    return this.records.all()
  }

  /** The live events that `adapter` is to be subscribed to; undefined: it knows no subscriptions per event. */
  async eventsOf({ platform, subscribesPerEvent }: PlatformAdapter): Promise<string[] | undefined> {
    if (subscribesPerEvent !== true) return undefined
    const listings = await this.prisma.channel.findMany({
      where: { platform, ...liveChannels(new Date()) },
      select: { externalEventId: true },
      distinct: ['externalEventId'],
      orderBy: { externalEventId: 'asc' },
    })
    return listings.map(({ externalEventId }) => externalEventId)
  }

  private async ensureWhenDue(): Promise<void> {
    for (const adapter of this.adapters()) {
      const events = await this.eventsOf(adapter)
      const planned = this.planned.get(adapter.platform)
      const scope = JSON.stringify(events ?? null)
      if (planned !== undefined && planned.dueAt > Date.now() && planned.scope === scope) continue
      const done = await this.ensure(adapter, events)
      this.planned.set(adapter.platform, { dueAt: Date.now() + (done ? EVERY_MS : RETRY_MS), scope })
    }
  }

  /** False: a platform could not be asked now, or there is more to do. */
  async ensureAll(): Promise<boolean> {
    let done = true
    for (const adapter of this.adapters()) done = (await this.ensure(adapter, await this.eventsOf(adapter))) && done
    return done
  }

  private adapters(): PlatformAdapter[] {
    return this.platforms.all().filter(({ configured, hasWebhooks }) => configured && hasWebhooks)
  }

  /** False: try again soon. One platform that fails stops no other. */
  private async ensure(adapter: PlatformAdapter, events: readonly string[] | undefined): Promise<boolean> {
    const { platform } = adapter
    const address = this.addressFor(adapter)
    try {
      if (address === null) {
        await this.records.keep(platform, { registered: false, reason: this.whyNoAddress(adapter) })
        return true
      }
      // Null: another process is at it.
      const work = () => this.ensureAt(adapter, address, events)
      return (await this.locks.tryWith(`subscription:${platform}`, work)) ?? true
    } catch (error) {
      this.logger.warn({ err: error, platform }, 'subscriptions could not be checked')
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
      this.logger.warn({ platform, outcome }, 'webhook subscription could not be ensured')
      if (isTransient(outcome)) {
        // What an earlier check found may still hold.
        const reason = outcome.kind === 'THROTTLED' ? 'throttled' : outcome.reason
        await this.records.keepFirst(platform, { registered: false, reason: `not checked yet: ${reason}` })
        return false
      }
      await this.missing(platform, 'message' in outcome ? outcome.message : outcome.reason)
      return true
    }
    await this.subscribed(platform, outcome.value)
    return outcome.value.complete !== false
  }

  private async subscribed(platform: Platform, subscription: WebhookSubscription): Promise<void> {
    const { id, created, secret, events, problems = [] } = subscription
    if (secret) await this.keepLuma(secret)
    if (created) {
      this.logger.log({ platform, id }, 'subscribed to webhooks')
      await this.catchUp(platform, events)
    }
    const [problem] = problems
    if (problem !== undefined) return this.missing(platform, `${problems.length} events: ${problem}`, events)
    await this.records.keep(platform, { registered: true, reason: null, ...(events && { events }) })
  }

  /** While there was no subscription nothing was told. */
  private async catchUp(platform: Platform, events: Record<string, string> | undefined): Promise<void> {
    if (events === undefined) return this.schedule.hurry(platform)
    const before = await this.records.eventsOf(platform)
    const fresh = Object.entries(events).filter(([subscriptionId]) => !(subscriptionId in before))
    if (fresh.length === 0) return
    const externalEventId = { in: fresh.map(([, eventId]) => eventId) }
    const where = { platform, externalEventId, importedAt: { not: null } }
    const channels = await this.prisma.channel.findMany({ where, select: { id: true } })
    for (const { id } of channels) await this.reads.changes({ id, platform }, 'changed', 'grow')
  }

  private async missing(platform: Platform, what: string, events?: Record<string, string>): Promise<void> {
    await this.records.keep(platform, { registered: false, reason: what, ...(events && { events }) })
    const detail = `${platform} sends no webhooks to us: ${what}. Sales are seen by sweeps only.`
    await this.alerts.raise({ kind: 'PLATFORM_UNREACHABLE', platform, about: 'subscription', detail })
  }

  /** Where a platform is to send its webhooks; null: it sends none, cannot be told, or could not reach us. */
  addressFor({ platform, configured, hasWebhooks }: PlatformAdapter): string | null {
    if (!configured || !hasWebhooks) return null
    const { eventbrite, luma, http } = this.config
    const api = platform === 'LUMA' ? luma.apiUrl : eventbrite.apiUrl
    if (!canReach(api, http.publicUrl)) return null
    const base = http.publicUrl.replace(/\/+$/, '')
    if (platform === 'LUMA') return `${base}/webhooks/luma`
    const token = eventbrite.webhookToken
    return token ? `${base}/webhooks/eventbrite/${token}` : null
  }

  /** For a person: what to set so that webhooks come. */
  private whyNoAddress({ platform }: PlatformAdapter): string {
    const { eventbrite, luma, http } = this.config
    const api = platform === 'LUMA' ? luma.apiUrl : eventbrite.apiUrl
    if (!canReach(api, http.publicUrl)) {
      return `${platform} cannot reach ${http.publicUrl}: set PUBLIC_URL to an address on the internet`
    }
    return 'EVENTBRITE_WEBHOOK_TOKEN is not set: it is the secret part of the address'
  }

  private async keepLuma(secret: string): Promise<void> {
    this.acceptLuma(secret)
    const value = secret
    await this.prisma.storedValue.upsert({
      where: { key: LUMA_SECRET },
      create: { key: LUMA_SECRET, value },
      update: { value },
    })
  }

  private acceptLuma(secret: string): void {
    this.platforms.get('LUMA').acceptSecret?.(secret)
  }
}

type Transient = Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' }>

function isTransient(failure: Failure): failure is Transient {
  return ['THROTTLED', 'NOT_SENT', 'UNAVAILABLE', 'UNKNOWN'].includes(failure.kind)
}
