import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Platforms } from '../../platforms/platforms.js'
import { SubscriptionStore, type SubscriptionRecord } from './subscription-store.js'

export type SubscriptionStatus = { connectionId: string } & SubscriptionRecord

/** Minimum interval between reloads caused by an unknown subscription, which may be new, ms. */
const RELOAD_INTERVAL_MS = 5_000

/** Results of the last check of the webhook subscriptions, shared by all processes. */
@Injectable()
export class SubscriptionRecords {
  /** By connection. */
  private records = new Map<string, SubscriptionRecord>()
  /** On the monotonic clock, ms. */
  private loadedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly store: SubscriptionStore,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
  ) {}

  async save(connectionId: string, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    const value = { ...record, checkedAt: this.clock.now().toISOString() }
    await this.store.saveRecord(connectionId, value)
    this.records.set(connectionId, value)
  }

  /** Saves only if there is no record yet. */
  async saveIfAbsent(connectionId: string, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    await this.load()
    if (!this.records.has(connectionId)) await this.save(connectionId, record)
  }

  /** The records of all connections that were checked. */
  async all(): Promise<SubscriptionStatus[]> {
    await this.load()
    return [...this.records].map(([connectionId, record]) => ({ connectionId, ...record }))
  }

  /** Event id by subscription id, of subscriptions to a single event. */
  async eventsOf(connectionId: string): Promise<Record<string, string>> {
    await this.load()
    return this.records.get(connectionId)?.events ?? {}
  }

  /** The event of a subscription; null if it covers the whole account or is not recorded. */
  async eventOf(connectionId: string, subscriptionId: string): Promise<string | null> {
    const find = () => this.records.get(connectionId)?.events?.[subscriptionId] ?? null
    if (find() === null && this.clock.monotonicMs() - this.loadedAt >= RELOAD_INTERVAL_MS) await this.load()
    return find()
  }

  private async load(): Promise<void> {
    const stored = await this.store.records(this.platforms.all().map(({ id }) => id))
    const loaded = [...stored].flatMap(([id, value]) => {
      const record = parseRecord(value)
      return record === null ? [] : [[id, record] as const]
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
