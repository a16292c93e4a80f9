import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { Config } from '../infrastructure/config/config.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { LumaAdapter } from '../platforms/luma/luma-adapter.js'
import { Platforms } from '../platforms/platforms.js'
import type { Failure, PlatformAdapter } from '../platforms/port.js'
import { canReach } from './public-address.js'
import { SweepSchedule } from './sweep-schedule.js'

const EVERY_MS = 15 * 60_000
/** A check that a platform did not answer is made again so soon, ms. */
const RETRY_MS = 5_000
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
  private dueAt = 0

  constructor(
    private readonly platforms: Platforms,
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly config: Config,
    private readonly alerts: AlertService,
    private readonly schedule: SweepSchedule,
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
    this.repeating = repeatEvery(RETRY_MS, () => this.ensureWhenDue(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.repeating?.stop(), this.watching?.stop()])
  }

  private async ensureWhenDue(): Promise<void> {
    if (Date.now() < this.dueAt) return
    if (await this.ensureAll()) this.dueAt = Date.now() + EVERY_MS
  }

  /** False: a platform could not be asked now. */
  async ensureAll(): Promise<boolean> {
    let answered = true
    for (const adapter of this.platforms.all()) {
      const address = this.addressFor(adapter)
      if (!address) continue
      const ensure = () => this.ensure(adapter, address)
      // Null: another process is at it.
      answered = ((await this.locks.tryWith(`subscription:${adapter.platform}`, ensure)) ?? true) && answered
    }
    return answered
  }

  /** False: try again soon. */
  private async ensure(adapter: PlatformAdapter, address: string): Promise<boolean> {
    const { platform } = adapter
    const outcome = await adapter.ensureWebhookSubscription(address, { lane: 'protect' })
    if (outcome.kind !== 'OK') {
      this.logger.warn({ platform, outcome }, 'webhook subscription could not be ensured')
      if (isTransient(outcome)) return false
      const what = 'message' in outcome ? outcome.message : outcome.reason
      const detail = `${platform} sends no webhooks to us: ${what}. Sales are seen by sweeps only.`
      await this.alerts.raise({ kind: 'PLATFORM_UNREACHABLE', platform, about: 'subscription', detail })
      return true
    }
    if (outcome.value.secret) await this.keepLuma(outcome.value.secret)
    if (!outcome.value.created) return true
    this.logger.log({ platform, id: outcome.value.id }, 'subscribed to webhooks')
    // While there was no subscription nothing was told.
    await this.schedule.hurry(platform)
    return true
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
    const luma = this.platforms.get('LUMA')
    if (luma instanceof LumaAdapter) luma.acceptSecret(secret)
  }
}

type Transient = Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNAVAILABLE' | 'UNKNOWN' }>

function isTransient(failure: Failure): failure is Transient {
  return ['THROTTLED', 'NOT_SENT', 'UNAVAILABLE', 'UNKNOWN'].includes(failure.kind)
}
