import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsString, Length } from 'class-validator'
import { CHANNELS, type ChannelName } from '../../domain/channel.js'
import { PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { SingleLine } from '../../infrastructure/http/requests/single-line.js'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { ACCOUNT_NAMES } from './account-names.js'

const ORDER_STATES = ['PLACED', 'CANCELLED'] as const
const TICKET_STATES = ['VALID', 'CANCELLED'] as const

class ChannelQuery extends PageQuery {
  @ApiPropertyOptional({ enum: CHANNELS })
  @Optional()
  @IsIn(CHANNELS)
  platform?: ChannelName
}

export class MovementsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ACCOUNT_NAMES, description: 'Movements from or to this account' })
  @Optional()
  @IsIn(ACCOUNT_NAMES)
  account?: string

  @ApiPropertyOptional({ description: 'Part of the reason' })
  @Optional()
  @IsString()
  @Length(1, 200)
  q?: string
}

export class OrdersQuery extends ChannelQuery {
  @ApiPropertyOptional({ enum: ORDER_STATES })
  @Optional()
  @IsIn(ORDER_STATES)
  state?: (typeof ORDER_STATES)[number]
}

export class TicketsQuery extends ChannelQuery {
  @ApiPropertyOptional({ description: 'Only those of this order' })
  @Optional()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  orderId?: string

  @ApiPropertyOptional({ enum: TICKET_STATES })
  @Optional()
  @IsIn(TICKET_STATES)
  state?: (typeof TICKET_STATES)[number]
}

export class MovementDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ACCOUNT_NAMES }) from!: string
  @ApiProperty({ enum: ACCOUNT_NAMES }) to!: string
  @ApiProperty({ type: String, nullable: true, description: 'Whose account `from` is; DIRECT: direct sales' })
  fromChannelId!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Whose account `to` is; DIRECT: direct sales' })
  toChannelId!: string | null
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
  @ApiProperty() operationId!: string
  @ApiProperty() epoch!: number
  @ApiProperty() seq!: number
  @ApiProperty({ type: String, nullable: true }) actor!: string | null
  @ApiProperty() recordedAt!: string
}

export class BuyerDto {
  @ApiProperty({ type: String, nullable: true }) name!: string | null
  @ApiProperty({ type: String, nullable: true }) email!: string | null
}

export class OrderDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: a direct order' }) channelId!: string | null
  @ApiProperty({ type: String, nullable: true }) externalOrderId!: string | null
  @ApiProperty({ enum: ORDER_STATES }) state!: string
  @ApiProperty({ description: 'Live tickets' }) quantity!: number
  @ApiProperty({ type: BuyerDto, nullable: true }) buyer!: BuyerDto | null
  @ApiProperty({ type: String, nullable: true }) placedAt!: string | null
  @ApiProperty() seenAt!: string
}

export class TicketDto {
  @ApiProperty() id!: string
  @ApiProperty() orderId!: string
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) externalTicketId!: string | null
  @ApiProperty({ type: String, nullable: true }) ticketClassId!: string | null
  @ApiProperty({ type: String, nullable: true }) seat!: string | null
  @ApiProperty({ enum: TICKET_STATES }) state!: string
  @ApiProperty({ type: String, nullable: true }) code!: string | null
  @ApiProperty() createdAt!: string
  @ApiProperty({ type: String, nullable: true }) cancelledAt!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Who comes with it; null: unknown' })
  holderName!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'When it was given to another person than the buyer' })
  transferredAt!: string | null
}
