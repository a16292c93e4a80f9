import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { NotFound } from '../domain/errors.js'
import { readCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { Clock } from '../infrastructure/time/clock.js'
import { AlertStore } from './alert-store.js'
import { alertDto, type AlertDto, type AlertsQuery } from './alerts.dto.js'

/** What staff do with alerts: list and acknowledge them. */
@Injectable()
export class StaffAlerts {
  constructor(
    private readonly store: AlertStore,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Newest first. Throws ValidationFailed for a cursor of another list. */
  async list({ limit, cursor, kind, state, ...query }: AlertsQuery): Promise<Page<AlertDto>> {
    const acknowledged = query.acknowledged === undefined ? undefined : query.acknowledged === 'true'
    const filter = {
      // `acknowledged=true` without a state includes resolved alerts.
      state: state ?? (acknowledged ? 'all' : 'open'),
      kind,
      acknowledged,
      before: readCursor(cursor),
    } as const
    return toPage(await this.store.newest(filter, limit + 1), limit, alertDto)
  }

  /** Idempotent: the first acknowledgement is kept. Throws NotFound. */
  async acknowledge(id: string, user: AuthenticatedUser): Promise<AlertDto> {
    const acknowledgedAt = this.clock.now()
    const found = await this.store.acknowledge(id, user.email, acknowledgedAt)
    if (!found) throw new NotFound('There is no such alert.')
    const after = { acknowledgedAt, acknowledgedBy: user.email }
    if (found.changed) await this.audit.record(user.id, 'alert.acknowledge', id, null, after)
    return alertDto(found.alert)
  }
}
