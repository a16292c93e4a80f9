import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsIn, IsInt, IsObject, IsString, Length, Max, Min, ValidateNested } from 'class-validator'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { FilledLine } from '../infrastructure/http/requests/single-line.js'
import { BuyerBody, IssuedTicketDto, MAX_TICKETS } from '../tickets/tickets.dto.js'
import { RELEASE_STATES, type ReleaseState, type SafetyRelease } from './release-store.js'

class SafetyStockBody {
  @ApiProperty({ minimum: 1, maximum: MAX_TICKETS })
  @IsInt()
  @Min(1)
  @Max(MAX_TICKETS)
  quantity!: number

  @ApiProperty()
  @FilledLine(500)
  reason!: string
}

export class SafetySaleBody extends SafetyStockBody {
  @ApiProperty({ type: BuyerBody })
  @IsObject()
  @ValidateNested()
  @Type(() => BuyerBody)
  buyer!: BuyerBody
}

export class RequestReleaseBody extends SafetyStockBody {
  @ApiProperty({ enum: PLATFORMS })
  @IsIn(PLATFORMS)
  platform!: Platform

  @ApiPropertyOptional({ description: 'Required where the event has several channels on the platform' })
  @Optional()
  @IsString()
  @Length(1, 100)
  channelId?: string
}

export class ReleasesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: RELEASE_STATES })
  @Optional()
  @IsIn(RELEASE_STATES)
  state?: ReleaseState

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @Length(1, 100)
  eventId?: string
}

export class SafetySaleDto {
  @ApiProperty() orderId!: string
  @ApiProperty({ type: [IssuedTicketDto] }) tickets!: IssuedTicketDto[]
}

export class ReleaseDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty() channelId!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
  @ApiProperty({ enum: RELEASE_STATES }) state!: string
  @ApiProperty({ description: 'User id' }) requestedBy!: string
  @ApiProperty() requestedAt!: string
  @ApiProperty({ type: String, nullable: true }) decidedBy!: string | null
  @ApiProperty({ type: String, nullable: true }) decidedAt!: string | null
}

export function releaseDto({ requestedAt, decidedAt, ...release }: SafetyRelease): ReleaseDto {
  return { ...release, requestedAt: requestedAt.toISOString(), decidedAt: decidedAt?.toISOString() ?? null }
}
