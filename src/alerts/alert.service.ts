import { Injectable, Logger } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import type { ChannelName } from '../domain/channel.js'
import { NotFound } from '../domain/errors.js'
import { Prisma, type Alert } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { AlertKind, AlertState } from './alert-kinds.js'
import type { AlertDto, AlertsQuery } from './alerts.dto.js'

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

const STATES: Record<AlertState, Prisma.AlertWhereInput> = {
  open: { OR: [{ resolvedAt: null }, { acknowledgedAt: null }] },
  resolved: { resolvedAt: { not: null } },
  all: {},
}

@Injectable()
export class AlertService {
  private readonly logger = new Logger('Alert')

  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates an alert, or updates `lastSeenAt` and `detail` of the unresolved alert with the same key, acknowledged or not.
   * Returns false if there was one already.
   */
  async raise(alert: NewAlert): Promise<boolean> {
    const { kind, eventId = null, platform = null, about = null, detail } = alert
    const rows = await this.prisma.$queryRaw<{ created: boolean }[]>`
      INSERT INTO alerts (id, kind, event_id, platform, about, detail, dedupe_key)
      VALUES (${newId('alr')}, ${kind}, ${eventId}, ${platform}::"ChannelName", ${about}, ${detail}, ${keyOf(alert)})
      ON CONFLICT (dedupe_key) WHERE resolved_at IS NULL
      DO UPDATE SET detail = excluded.detail, last_seen_at = excluded.last_seen_at
        WHERE alerts.last_seen_at < excluded.last_seen_at - ${UPDATE_INTERVAL_MS} * interval '1 millisecond'
      RETURNING xmax = 0 AS created`
    const created = rows[0]?.created ?? false
    if (created) this.logger.warn({ kind, eventId, platform }, detail)
    return created
  }

  /** Resolves the alert of a problem. Returns false if there was no unresolved one. */
  async resolve(key: AlertKey): Promise<boolean> {
    return (await this.resolveMatching({ dedupeKey: keyOf(key) })) > 0
  }

  /** Resolves all unresolved alerts that match; returns their number. */
  async resolveMatching(where: Prisma.AlertWhereInput): Promise<number> {
    const unresolved = { AND: [where, { resolvedAt: null }] }
    const resolved = await this.prisma.alert.updateManyAndReturn({
      where: unresolved,
      data: { resolvedAt: this.clock.now() },
    })
    for (const { kind, eventId, platform, detail } of resolved) {
      this.logger.log({ kind, eventId, platform }, `resolved: ${detail}`)
    }
    return resolved.length
  }

  /** Whether such an alert was created at `since` or later, whatever its state. */
  async wasRaisedSince(key: Pick<Required<AlertKey>, 'kind' | 'eventId' | 'platform'>, since: Date): Promise<boolean> {
    const { kind, eventId, platform } = key
    const where = { kind, eventId, platform, createdAt: { gte: since } }
    return (await this.prisma.alert.count({ where })) > 0
  }

  async list(query: AlertsQuery): Promise<Page<AlertDto>> {
    const { where, ...page } = pageArgs(query)
    const acknowledged = query.acknowledged && { acknowledgedAt: query.acknowledged === 'true' ? { not: null } : null }
    // `acknowledged=true` without a state includes resolved alerts.
    const state = STATES[query.state ?? (query.acknowledged === 'true' ? 'all' : 'open')]
    const rows = await this.prisma.alert.findMany({
      ...page,
      where: { AND: [where, state, query.kind ? { kind: query.kind } : {}, acknowledged ?? {}] },
    })
    return toPage(rows, query.limit, alertDto)
  }

  /** Idempotent: the first acknowledgement is kept. Throws NotFound. */
  async acknowledge(id: string, user: AuthenticatedUser): Promise<AlertDto> {
    const data = { acknowledgedAt: this.clock.now(), acknowledgedBy: user.email }
    const { count } = await this.prisma.alert.updateMany({ where: { id, acknowledgedAt: null }, data })
    const alert = await this.prisma.alert.findUnique({ where: { id } })
    if (!alert) throw new NotFound('There is no such alert.')
    if (count > 0) await this.audit.record(user.id, 'alert.acknowledge', id, null, data)
    return alertDto(alert)
  }
}

export function keyOf({ kind, eventId, platform, about, subject }: AlertKey): string {
  const parts = [kind, eventId, platform, about].map((part) => part ?? '')
  return [...parts, ...(subject === undefined ? [] : [subject])].join('/')
}

export function alertDto(alert: Alert): AlertDto {
  const { dedupeKey: _key, about: _about, createdAt, lastSeenAt, resolvedAt, acknowledgedAt, ...fields } = alert
  return {
    ...fields,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  }
}
