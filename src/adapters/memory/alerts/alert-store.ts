import type { AlertKind } from '../../../alerts/alert-kinds.js'
import {
  AlertStore,
  type Alert,
  type AlertCriteria,
  type AlertFilter,
  type AlertToRaise,
} from '../../../alerts/alert-store.js'
import type { ChannelName } from '../../../domain/channel.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'
import { balancesIn } from '../stock/ledger-store.js'

export class MemoryAlertStore extends AlertStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async raise(alert: AlertToRaise, updateIntervalMs: number): Promise<boolean> {
    this.database.assertAvailable()
    const { alerts, clock } = this.database
    const now = clock.now()
    const [known] = alerts.where(null, (row) => row.resolvedAt === null && row.dedupeKey === alert.dedupeKey)
    if (!known) {
      const unresolved = { resolvedAt: null, acknowledgedAt: null, acknowledgedBy: null }
      await alerts.insert(null, { ...alert, createdAt: now, lastSeenAt: now, ...unresolved })
      return true
    }
    if (known.lastSeenAt.getTime() < now.getTime() - updateIntervalMs) {
      await alerts.update(null, known.id, { detail: alert.detail, lastSeenAt: now })
    }
    return false
  }

  async resolve(criteria: AlertCriteria, at: Date): Promise<Alert[]> {
    const found = this.unresolvedRows(criteria)
    for (const { id } of found) await this.database.alerts.update(null, id, { resolvedAt: at })
    return found.map((alert) => ({ ...alert, resolvedAt: at }))
  }

  async unresolved(criteria: AlertCriteria): Promise<Alert[]> {
    return this.unresolvedRows(criteria).toSorted(byId)
  }

  async unresolvedKinds(): Promise<string[]> {
    return [...new Set(this.unresolvedRows({}).map(({ kind }) => kind))]
  }

  async eventsWithUnresolved(): Promise<string[]> {
    return [...new Set(this.unresolvedRows({}).flatMap(({ eventId }) => eventId ?? []))]
  }

  async wasRaisedSince(
    { kind, eventId, platform }: { kind: AlertKind; eventId: string; platform: ChannelName },
    since: Date,
  ): Promise<boolean> {
    this.database.assertAvailable()
    const found = this.database.alerts.where(
      null,
      (row) => row.kind === kind && row.eventId === eventId && row.platform === platform && row.createdAt >= since,
    )
    return found.length > 0
  }

  async newest({ state, kind, acknowledged, before }: AlertFilter, limit: number): Promise<Alert[]> {
    this.database.assertAvailable()
    const rows = this.database.alerts.where(null, (row) => {
      const isOpen = row.resolvedAt === null || row.acknowledgedAt === null
      return (
        (state === 'all' || (state === 'open' ? isOpen : row.resolvedAt !== null)) &&
        (before === undefined || row.id < before) &&
        (kind === undefined || row.kind === kind) &&
        (acknowledged === undefined || acknowledged === (row.acknowledgedAt !== null))
      )
    })
    return rows.toSorted(byId).toReversed().slice(0, limit)
  }

  async acknowledge(id: string, by: string, at: Date): Promise<{ alert: Alert; changed: boolean } | null> {
    this.database.assertAvailable()
    const { alerts } = this.database
    const changed = alerts.get(null, id)?.acknowledgedAt === null
    if (changed) await alerts.update(null, id, { acknowledgedAt: at, acknowledgedBy: by })
    const alert = alerts.get(null, id)
    return alert ? { alert, changed } : null
  }

  private unresolvedRows(criteria: AlertCriteria): Alert[] {
    this.database.assertAvailable()
    return this.database.alerts.where(
      null,
      (alert) => alert.resolvedAt === null && meets(alert, criteria) && this.meetsEvent(alert, criteria),
    )
  }

  private meetsEvent({ eventId }: Alert, { event: condition }: AlertCriteria): boolean {
    if (!condition) return true
    const event = eventId === null ? undefined : this.database.events.get(null, eventId)
    if (!event) return false
    if (condition === 'NO_RED_ALARM') return event.redAlarmSince === null || event.closedSince !== null
    return balancesIn(this.database, null, event.id).OVERSOLD >= 0
  }
}

function meets({ id, kind, dedupeKey, about, eventId, platform, lastSeenAt }: Alert, criteria: AlertCriteria): boolean {
  const { aboutPrefix, exceptAboutPrefix, exceptChannels, lastSeenBefore } = criteria
  const isExceptedChannel = exceptChannels?.some((other) => other.eventId === eventId && other.platform === platform)
  return (
    isIn(criteria.ids, id) &&
    isIn(criteria.kinds, kind) &&
    isIn(criteria.keys, dedupeKey) &&
    isNotIn(criteria.exceptKeys, dedupeKey) &&
    isIn(criteria.abouts, about) &&
    (aboutPrefix === undefined || about?.startsWith(aboutPrefix) === true) &&
    (exceptAboutPrefix === undefined || about?.startsWith(exceptAboutPrefix) === false) &&
    isIn(criteria.eventIds, eventId) &&
    isIn(criteria.platforms, platform) &&
    isNotIn(criteria.exceptPlatforms, platform) &&
    (!exceptChannels || (eventId !== null && platform !== null && !isExceptedChannel)) &&
    (!lastSeenBefore || lastSeenAt < lastSeenBefore)
  )
}

function isIn(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value))
}

function isNotIn(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && !list.includes(value))
}
