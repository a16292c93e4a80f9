import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn } from 'class-validator'
import { PLATFORMS } from '../../domain/channel.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { PageQuery } from '../../infrastructure/http/requests/pagination.js'
import type { QuarantinedRecord } from '../../orders/quarantine-store.js'

const STATES = ['open', 'resolved', 'all'] as const

export class QuarantineQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES, default: 'open' })
  @Optional()
  @IsIn(STATES)
  state: (typeof STATES)[number] = 'open'
}

export class QuarantinedRecordDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty() channelId!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null if the row has no order id' })
  externalOrderId!: string | null
  @ApiProperty() reason!: string
  @ApiProperty({ type: String, nullable: true }) excerpt!: string | null
  @ApiProperty() firstSeenAt!: string
  @ApiProperty() lastSeenAt!: string
  @ApiProperty() attempts!: number
  @ApiProperty({ type: String, nullable: true }) resolvedAt!: string | null
}

export function quarantinedRecordDto({
  firstSeenAt,
  lastSeenAt,
  resolvedAt,
  ...record
}: QuarantinedRecord): QuarantinedRecordDto {
  return {
    ...record,
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
  }
}
