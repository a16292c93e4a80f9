import { Injectable, Logger } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import type { ChannelName } from '../domain/channel.js'
import { NotFound } from '../domain/errors.js'
import { Prisma, type Alert } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { AlertKind, AlertState } from './alert-kinds.js'
import type { AlertDto, AlertsQuery } from './alerts.dto.js'

/** What makes two problems the same. */
export interface AlertKey {
  kind: AlertKind
  eventId?: string
  platform?: ChannelName
  /** What tells problems of one kind, event and platform apart: the operation or condition that met it. */
  about?: string
  /** Of several things that one condition is about, which one: a channel's id. */
  subject?: string
}

export interface NewAlert extends AlertKey {
  /** For a person: what happened and what to do. */
  detail: string
}

/** A problem that lasts is noted at most this often, ms: what changes with every look is not written with every look. */
const NOTED_EVERY_MS = 10_000

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
  ) {}

  /**
   * An alert lasts as long as its problem: while it is not resolved, acknowledged or not, the same problem renews its
   * `lastSeenAt` and detail instead of raising another one. False: it lasted already.
   */
  async raise(alert: NewAlert): Promise<boolean> {
    const { kind, eventId = null, platform = null, about = null, detail } = alert
    const rows = await this.prisma.$queryRaw<{ created: boolean }[]>`
      INSERT INTO alerts (id, kind, event_id, platform, about, detail, dedupe_key)
      VALUES (${newId('alr')}, ${kind}, ${eventId}, ${platform}::"ChannelName", ${about}, ${detail}, ${keyOf(alert)})
      ON CONFLICT (dedupe_key) WHERE resolved_at IS NULL
      DO UPDATE SET detail = excluded.detail, last_seen_at = excluded.last_seen_at
        WHERE alerts.last_seen_at < excluded.last_seen_at - ${NOTED_EVERY_MS} * interval '1 millisecond'
      RETURNING xmax = 0 AS created`
    const created = rows[0]?.created ?? false
    if (created) this.logger.warn({ kind, eventId, platform }, detail)
    return created
  }

  /** The problem is over. False: no alert of it lasted. */
  async resolve(key: AlertKey): Promise<boolean> {
    return (await this.end({ dedupeKey: keyOf(key) })) > 0
  }

  /** Ends all of these that last; answers how many. */
  async end(where: Prisma.AlertWhereInput): Promise<number> {
    const lasting = { AND: [where, { resolvedAt: null }] }
    const ended = await this.prisma.alert.updateManyAndReturn({ where: lasting, data: { resolvedAt: new Date() } })
    for (const { kind, eventId, platform, detail } of ended) {
      this.logger.log({ kind, eventId, platform }, `resolved: ${detail}`)
    }
    return ended.length
  }

  async list(query: AlertsQuery): Promise<Page<AlertDto>> {
    const { where, ...page } = pageArgs(query)
    const acknowledged = query.acknowledged && { acknowledgedAt: query.acknowledged === 'true' ? { not: null } : null }
    // Who asks for acknowledged ones alone means resolved ones too.
    const state = STATES[query.state ?? (query.acknowledged === 'true' ? 'all' : 'open')]
    const rows = await this.prisma.alert.findMany({
      ...page,
      where: { AND: [where, state, query.kind ? { kind: query.kind } : {}, acknowledged ?? {}] },
    })
    return toPage(rows, query.limit, alertDto)
  }

  /** Acknowledging twice keeps the first name. Throws NotFound. */
  async acknowledge(id: string, account: AuthenticatedUser): Promise<AlertDto> {
    const data = { acknowledgedAt: new Date(), acknowledgedBy: account.email }
    const { count } = await this.prisma.alert.updateMany({ where: { id, acknowledgedAt: null }, data })
    const alert = await this.prisma.alert.findUnique({ where: { id } })
    if (!alert) throw new NotFound('There is no such alert.')
    if (count > 0) await this.audit.record(account.id, 'alert.acknowledge', id, null, data)
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
