import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'

/** Whether a platform sends its webhooks to this service, according to the last check; JSON. */
export interface SubscriptionRecord {
  registered: boolean
  /** Why no, or not every, subscription exists; null if none is missing. */
  reason: string | null
  /** RFC 3339. */
  checkedAt: string
  /** Event id by subscription id, of subscriptions to a single event. */
  events?: Record<string, string>
}

export type SubscriptionStatus = { platform: Platform } & SubscriptionRecord

/** Minimum interval between reloads caused by an unknown subscription, which may be new, ms. */
const RELOAD_INTERVAL_MS = 5_000

const keyOf = (platform: Platform) => `webhook-subscription:${platform}`

/** Results of the last check of the webhook subscriptions, shared by all processes. */
@Injectable()
export class SubscriptionRecords {
  private records = new Map<Platform, SubscriptionRecord>()
  /** On the monotonic clock, ms. */
  private loadedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  async save(platform: Platform, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    const value = { ...record, checkedAt: this.clock.now().toISOString() }
    const key = keyOf(platform)
    await this.prisma.storedValue.upsert({ where: { key }, create: { key, value }, update: { value } })
    this.records.set(platform, value)
  }

  /** Saves only if there is no record yet. */
  async saveIfAbsent(platform: Platform, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    await this.load()
    if (!this.records.has(platform)) await this.save(platform, record)
  }

  /** The records of all platforms that were checked. */
  async all(): Promise<SubscriptionStatus[]> {
    await this.load()
    return [...this.records].map(([platform, record]) => ({ platform, ...record }))
  }

  /** Event id by subscription id, of subscriptions to a single event. */
  async eventsOf(platform: Platform): Promise<Record<string, string>> {
    await this.load()
    return this.records.get(platform)?.events ?? {}
  }

  /** The event of a subscription; null if it covers the whole account or is not recorded. */
  async eventOf(platform: Platform, subscriptionId: string): Promise<string | null> {
    const find = () => this.records.get(platform)?.events?.[subscriptionId] ?? null
    if (find() === null && this.clock.monotonicMs() - this.loadedAt >= RELOAD_INTERVAL_MS) await this.load()
    return find()
  }

  private async load(): Promise<void> {
    const keys = PLATFORMS.map(keyOf)
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: keys } } })
    const byKey = new Map(rows.map(({ key, value }) => [key, value]))
    const loaded = PLATFORMS.flatMap((platform) => {
      const record = parseRecord(byKey.get(keyOf(platform)))
      return record === null ? [] : [[platform, record] as const]
    })
    this.records = new Map(loaded)
    this.loadedAt = this.clock.monotonicMs()
  }
}

function parseRecord(value: unknown): SubscriptionRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const { registered, reason, checkedAt, events } = value as Partial<SubscriptionRecord>
  if (typeof registered !== 'boolean' || typeof checkedAt !== 'string') return null
  const record = { registered, reason: typeof reason === 'string' ? reason : null, checkedAt }
  return typeof events === 'object' ? { ...record, events } : record
}
