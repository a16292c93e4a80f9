import type { AlertState } from '../../../alerts/alert-kinds.js'
import {
  AlertStore,
  type Alert,
  type AlertCriteria,
  type AlertFilter,
  type AlertToRaise,
} from '../../../alerts/alert-store.js'
import type { AlertKind } from '../../../alerts/alert-kinds.js'
import type { ChannelName } from '../../../domain/channel.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { IS_OVERSOLD } from '../../../infrastructure/prisma/balance-rows.js'

const STATES: Record<AlertState, Prisma.AlertWhereInput> = {
  open: { OR: [{ resolvedAt: null }, { acknowledgedAt: null }] },
  resolved: { resolvedAt: { not: null } },
  all: {},
}

const EVENTS: Record<NonNullable<AlertCriteria['event']>, Prisma.EventWhereInput> = {
  NO_RED_ALARM: { OR: [{ redAlarmSince: null }, { closedSince: { not: null } }] },
  NOT_OVERSOLD: { NOT: IS_OVERSOLD },
}

export class PrismaAlertStore extends AlertStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async raise(alert: AlertToRaise, updateIntervalMs: number): Promise<boolean> {
    const { id, kind, eventId, platform, about, detail, dedupeKey } = alert
    const rows = await this.prisma.$queryRaw<{ created: boolean }[]>`
      INSERT INTO alerts (id, kind, event_id, platform, about, detail, dedupe_key)
      VALUES (${id}, ${kind}, ${eventId}, ${platform}::"ChannelName", ${about}, ${detail}, ${dedupeKey})
      ON CONFLICT (dedupe_key) WHERE resolved_at IS NULL
      DO UPDATE SET detail = excluded.detail, last_seen_at = excluded.last_seen_at
        WHERE alerts.last_seen_at < excluded.last_seen_at - ${updateIntervalMs} * interval '1 millisecond'
      RETURNING xmax = 0 AS created`
    return rows[0]?.created ?? false
  }

  resolve(criteria: AlertCriteria, at: Date): Promise<Alert[]> {
    return this.prisma.alert.updateManyAndReturn({ where: unresolved(criteria), data: { resolvedAt: at } })
  }

  unresolved(criteria: AlertCriteria): Promise<Alert[]> {
    return this.prisma.alert.findMany({ where: unresolved(criteria), orderBy: { id: 'asc' } })
  }

  async unresolvedKinds(): Promise<string[]> {
    const rows = await this.prisma.alert.findMany({
      where: { resolvedAt: null },
      select: { kind: true },
      distinct: ['kind'],
    })
    return rows.map(({ kind }) => kind)
  }

  async eventsWithUnresolved(): Promise<string[]> {
    const rows = await this.prisma.alert.findMany({
      where: { resolvedAt: null, eventId: { not: null } },
      select: { eventId: true },
      distinct: ['eventId'],
    })
    return rows.flatMap(({ eventId }) => eventId ?? [])
  }

  async wasRaisedSince(
    alert: { kind: AlertKind; eventId: string; platform: ChannelName },
    since: Date,
  ): Promise<boolean> {
    return (await this.prisma.alert.count({ where: { ...alert, createdAt: { gte: since } } })) > 0
  }

  newest({ state, kind, acknowledged, before }: AlertFilter, limit: number): Promise<Alert[]> {
    const conditions = [STATES[state]]
    if (before !== undefined) conditions.push({ id: { lt: before } })
    if (kind) conditions.push({ kind })
    if (acknowledged !== undefined) conditions.push({ acknowledgedAt: acknowledged ? { not: null } : null })
    return this.prisma.alert.findMany({ where: { AND: conditions }, orderBy: { id: 'desc' }, take: limit })
  }

  async acknowledge(id: string, by: string, at: Date): Promise<{ alert: Alert; changed: boolean } | null> {
    const data = { acknowledgedAt: at, acknowledgedBy: by }
    const { count } = await this.prisma.alert.updateMany({ where: { id, acknowledgedAt: null }, data })
    const alert = await this.prisma.alert.findUnique({ where: { id } })
    return alert && { alert, changed: count > 0 }
  }
}

function unresolved(criteria: AlertCriteria): Prisma.AlertWhereInput {
  return { AND: [{ resolvedAt: null }, ...conditionsOf(criteria)] }
}

/** `not: null` for the exceptions: with an empty list, Prisma leaves their condition out. */
function conditionsOf(criteria: AlertCriteria): Prisma.AlertWhereInput[] {
  const { ids, kinds, keys, exceptKeys, eventIds, platforms, event, lastSeenBefore } = criteria
  const { abouts, aboutPrefix, exceptAboutPrefix, exceptPlatforms, exceptChannels } = criteria
  const conditions: (Prisma.AlertWhereInput | undefined)[] = [
    ids && { id: { in: [...ids] } },
    kinds && { kind: { in: [...kinds] } },
    keys && { dedupeKey: { in: [...keys] } },
    exceptKeys && { dedupeKey: { notIn: [...exceptKeys] } },
    abouts && { about: { in: [...abouts] } },
    aboutPrefix === undefined ? undefined : { about: { startsWith: aboutPrefix } },
    exceptAboutPrefix === undefined ? undefined : { NOT: { about: { startsWith: exceptAboutPrefix } } },
    eventIds && { eventId: { in: [...eventIds] } },
    platforms && { platform: { in: [...platforms] } },
    exceptPlatforms && { AND: [{ platform: { not: null } }, { platform: { notIn: [...exceptPlatforms] } }] },
    exceptChannels && {
      eventId: { not: null },
      platform: { not: null },
      NOT: { OR: exceptChannels.map(({ eventId, platform }) => ({ eventId, platform })) },
    },
    event && { event: EVENTS[event] },
    lastSeenBefore && { lastSeenAt: { lt: lastSeenBefore } },
  ]
  return conditions.filter((condition) => condition !== undefined)
}
