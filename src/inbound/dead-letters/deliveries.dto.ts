import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn } from 'class-validator'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'

export const DELIVERY_STATES = ['UNMATCHED', 'FAILED', 'REPLAYED'] as const
export type DeliveryStateName = (typeof DELIVERY_STATES)[number]

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: PLATFORMS })
  @Optional()
  @IsIn(PLATFORMS)
  platform?: Platform

  @ApiPropertyOptional({ enum: DELIVERY_STATES })
  @Optional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryStateName
}

export class DeliveryDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ enum: DELIVERY_STATES }) state!: string
  @ApiProperty() reason!: string
  @ApiProperty() receivedAt!: string
  @ApiProperty({ type: String, nullable: true }) replayedAt!: string | null
  @ApiProperty() attempts!: number
  @ApiProperty({ type: String, nullable: true, description: 'The body as text, with personal data masked' })
  body!: string | null
}
