import { Injectable, Logger } from '@nestjs/common'
import type { ChannelName } from '../domain/channel.js'
import { newId } from '../infrastructure/ids.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { AlertKind } from './alert-kinds.js'
import { AlertStore, type AlertCriteria } from './alert-store.js'

/** Identifies a problem: alerts with an equal key are deduplicated. */
export interface AlertKey {
  kind: AlertKind
  eventId?: string
  platform?: ChannelName
  /** The operation or condition that raised it; distinguishes problems of one kind, event and platform. */
  about?: string
  /** The id of the affected object, where a condition covers several: a channel's id. */
  subject?: string
}

export interface NewAlert extends AlertKey {
  /** For operators: what happened and what to do. */
  detail: string
}

/** Minimum interval between updates of a lasting alert, ms: details that change with every check are not written each time. */
const UPDATE_INTERVAL_MS = 10_000

/** Raises and resolves alerts. */
@Injectable()
export class AlertService {
  private readonly logger = new Logger('Alert')

  constructor(
    private readonly store: AlertStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an alert, or updates `lastSeenAt` and `detail` of the unresolved alert with the same key, acknowledged or not.
   * Returns false if there was one already.
   */
  async raise(alert: NewAlert): Promise<boolean> {
    const { kind, eventId = null, platform = null, about = null, detail } = alert
    const row = { id: newId('alr'), kind, eventId, platform, about, detail, dedupeKey: keyOf(alert) }
    const created = await this.store.raise(row, UPDATE_INTERVAL_MS)
    if (created) this.logger.warn({ kind, eventId, platform }, detail)
    return created
  }

  /** Resolves the alert of a problem. Returns false if there was no unresolved one. */
  async resolve(key: AlertKey): Promise<boolean> {
    return (await this.resolveMatching({ keys: [keyOf(key)] })) > 0
  }

  /** Resolves all unresolved alerts that match; returns their number. */
  async resolveMatching(criteria: AlertCriteria): Promise<number> {
    const resolved = await this.store.resolve(criteria, this.clock.now())
    for (const { kind, eventId, platform, detail } of resolved) {
      this.logger.log({ kind, eventId, platform }, `resolved: ${detail}`)
    }
    return resolved.length
  }

  /** Whether such an alert was created at `since` or later, whatever its state. */
  wasRaisedSince(key: Pick<Required<AlertKey>, 'kind' | 'eventId' | 'platform'>, since: Date): Promise<boolean> {
    return this.store.wasRaisedSince(key, since)
  }
}

export function keyOf({ kind, eventId, platform, about, subject }: AlertKey): string {
  const parts = [kind, eventId, platform, about].map((part) => part ?? '')
  return [...parts, ...(subject === undefined ? [] : [subject])].join('/')
}
