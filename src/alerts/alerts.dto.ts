import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn } from 'class-validator'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { ALERT_KINDS, ALERT_STATES, type AlertKind, type AlertState } from './alert-kinds.js'
import type { Alert } from './alert-store.js'

export class AlertsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ALERT_KINDS })
  @Optional()
  @IsIn(ALERT_KINDS)
  kind?: AlertKind

  @ApiPropertyOptional({
    enum: ALERT_STATES,
    default: 'open',
    description: '`open`: not resolved or not acknowledged; `resolved`: the problem is over',
  })
  @Optional()
  @IsIn(ALERT_STATES)
  state?: AlertState

  @ApiPropertyOptional({ description: '`true`: only acknowledged alerts; `false`: only unacknowledged ones' })
  @Optional()
  @IsIn(['true', 'false'])
  acknowledged?: 'true' | 'false'
}

export class AlertDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ALERT_KINDS }) kind!: string
  @ApiProperty({ type: String, nullable: true }) eventId!: string | null
  @ApiProperty({ type: String, nullable: true }) platform!: string | null
  @ApiProperty() detail!: string
  @ApiProperty() createdAt!: string
  @ApiProperty({ description: 'When the problem was last observed, accurate to about 10 seconds' }) lastSeenAt!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null while the problem persists' })
  resolvedAt!: string | null
  @ApiProperty({ type: String, nullable: true }) acknowledgedAt!: string | null
  @ApiProperty({ type: String, nullable: true }) acknowledgedBy!: string | null
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
