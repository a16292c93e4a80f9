import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn } from 'class-validator'
import { PageQuery } from '../infrastructure/http/pagination.js'
import { Optional } from '../infrastructure/http/optional.js'
import { ALERT_KINDS, type AlertKind } from './alert-kinds.js'

export class AlertsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ALERT_KINDS })
  @Optional()
  @IsIn(ALERT_KINDS)
  kind?: AlertKind

  @ApiPropertyOptional({ description: '`true`: only acknowledged ones, `false`: only open ones' })
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
  @ApiProperty({ type: String, nullable: true }) acknowledgedAt!: string | null
  @ApiProperty({ type: String, nullable: true }) acknowledgedBy!: string | null
}
