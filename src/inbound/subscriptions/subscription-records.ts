import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { SubscriptionStore, type SubscriptionRecord } from './subscription-store.js'

export type SubscriptionStatus = { platform: Platform } & SubscriptionRecord

/** Minimum interval between reloads caused by an unknown subscription, which may be new, ms. */
const RELOAD_INTERVAL_MS = 5_000

/** Results of the last check of the webhook subscriptions, shared by all processes. */
@Injectable()
export class SubscriptionRecords {
  private records = new Map<Platform, SubscriptionRecord>()
  /** On the monotonic clock, ms. */
  private loadedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly store: SubscriptionStore,
    private readonly clock: Clock,
  ) {}

  async save(platform: Platform, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    const value = { ...record, checkedAt: this.clock.now().toISOString() }
    await this.store.saveRecord(platform, value)
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
    const stored = await this.store.records()
    const loaded = PLATFORMS.flatMap((platform) => {
      const record = parseRecord(stored.get(platform))
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
