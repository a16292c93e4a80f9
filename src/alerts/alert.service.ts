import { Injectable, Logger } from '@nestjs/common'
import type { Account } from '../accounts/account.js'
import { AuditService } from '../accounts/audit.service.js'
import type { ChannelName } from '../domain/channel.js'
import { NotFound } from '../domain/errors.js'
import { Prisma, type Alert } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { AlertKind } from './alert-kinds.js'
import type { AlertDto, AlertsQuery } from './alerts.dto.js'

export interface NewAlert {
  kind: AlertKind
  eventId?: string
  platform?: ChannelName
  /** For a person: what happened and what to do. */
  detail: string
  /** What makes two troubles the same, beside kind, event and platform. */
  about?: string
}

const UNIQUE_VIOLATION = 'P2002'

@Injectable()
export class AlertService {
  private readonly logger = new Logger('Alert')

  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: AuditService,
  ) {}

  /** Stays listed until acknowledged; the same trouble raises one alert at a time. False: it is listed already. */
  async raise(alert: NewAlert): Promise<boolean> {
    const { kind, eventId, platform, detail, about } = alert
    const dedupeKey = [kind, eventId, platform, about].map((part) => part ?? '').join('/')
    try {
      await this.prisma.alert.create({
        data: { id: newId('alr'), kind, eventId: eventId ?? null, platform: platform ?? null, detail, dedupeKey },
      })
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION) return false
      throw error
    }
    this.logger.warn({ kind, eventId, platform }, detail)
    return true
  }

  async list(query: AlertsQuery): Promise<Page<AlertDto>> {
    const { where, ...page } = pageArgs(query)
    const acknowledged = query.acknowledged && { acknowledgedAt: query.acknowledged === 'true' ? { not: null } : null }
    const rows = await this.prisma.alert.findMany({
      ...page,
      where: { ...where, ...(query.kind ? { kind: query.kind } : {}), ...acknowledged },
    })
    return toPage(rows, query.limit, alertDto)
  }

  /** Acknowledging twice keeps the first name. Throws NotFound. */
  async acknowledge(id: string, account: Account): Promise<AlertDto> {
    const data = { acknowledgedAt: new Date(), acknowledgedBy: account.email }
    const { count } = await this.prisma.alert.updateMany({ where: { id, acknowledgedAt: null }, data })
    const alert = await this.prisma.alert.findUnique({ where: { id } })
    if (!alert) throw new NotFound('There is no such alert.')
    if (count > 0) await this.audit.record(account.id, 'alert.acknowledge', id, null, data)
    return alertDto(alert)
  }
}

export function alertDto({ dedupeKey: _, createdAt, acknowledgedAt, ...alert }: Alert): AlertDto {
  return {
    ...alert,
    createdAt: createdAt.toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  }
}
