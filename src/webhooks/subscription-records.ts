import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

/** Whether a platform sends its webhooks to this service, as the last check found; JSON. */
export interface SubscriptionRecord {
  registered: boolean
  /** Why not, or not for all; null: nothing is missing. */
  reason: string | null
  /** RFC 3339. */
  checkedAt: string
  /** The event of each subscription that is for a single one, by subscription id. */
  events?: Record<string, string>
}

export type SubscriptionStanding = { platform: Platform } & SubscriptionRecord

/** An unknown subscription may be new: the records are looked up again, this seldom, ms. */
const LOOK_AGAIN_MS = 5_000

const keyOf = (platform: Platform) => `webhook-subscription:${platform}`

/** What the last check of the webhook subscriptions found, for every process. */
@Injectable()
export class SubscriptionRecords {
  private known = new Map<Platform, SubscriptionRecord>()
  private readAt = Number.NEGATIVE_INFINITY

  constructor(private readonly prisma: PrismaService) {}

  async keep(platform: Platform, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    const value = { ...record, checkedAt: new Date().toISOString() }
    const key = keyOf(platform)
    await this.prisma.storedValue.upsert({ where: { key }, create: { key, value }, update: { value } })
    this.known.set(platform, value)
  }

  /** Unless something is on record. */
  async keepFirst(platform: Platform, record: Omit<SubscriptionRecord, 'checkedAt'>): Promise<void> {
    await this.read()
    if (!this.known.has(platform)) await this.keep(platform, record)
  }

  /** Platforms that were checked. */
  async all(): Promise<SubscriptionStanding[]> {
    await this.read()
    return [...this.known].map(([platform, record]) => ({ platform, ...record }))
  }

  /** The event of each subscription for a single one, by subscription id. */
  async eventsOf(platform: Platform): Promise<Record<string, string>> {
    await this.read()
    return this.known.get(platform)?.events ?? {}
  }

  /** The event that a subscription is for; null: all of the account, or one that is not on record. */
  async eventOf(platform: Platform, subscriptionId: string): Promise<string | null> {
    const find = () => this.known.get(platform)?.events?.[subscriptionId] ?? null
    if (find() === null && Date.now() - this.readAt >= LOOK_AGAIN_MS) await this.read()
    return find()
  }

  private async read(): Promise<void> {
    const keys = PLATFORMS.map(keyOf)
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: keys } } })
    const byKey = new Map(rows.map(({ key, value }) => [key, value]))
    const read = PLATFORMS.flatMap((platform) => {
      const record = recordOf(byKey.get(keyOf(platform)))
      return record === null ? [] : [[platform, record] as const]
    })
    this.known = new Map(read)
    this.readAt = Date.now()
  }
}

function recordOf(value: unknown): SubscriptionRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const { registered, reason, checkedAt, events } = value as Partial<SubscriptionRecord>
  if (typeof registered !== 'boolean' || typeof checkedAt !== 'string') return null
  const record = { registered, reason: typeof reason === 'string' ? reason : null, checkedAt }
  return typeof events === 'object' ? { ...record, events } : record
}
