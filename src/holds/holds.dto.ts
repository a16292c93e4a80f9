import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator'
import { HOLD_SOURCES, HOLD_STATES, isOverdue, type HoldSource } from '../domain/hold.js'
import type { Hold } from '../domain/hold-record.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import type { IssuedTicket } from '../tickets/direct-order-store.js'
import { IssuedTicketDto, MAX_TICKETS } from '../tickets/tickets.dto.js'

const MAX_SEATS_AT_ONCE = 1_000
export const MAX_TTL_SECONDS = 86_400

export class CreateHoldBody {
  @ApiPropertyOptional({ minimum: 1, maximum: MAX_TICKETS, description: 'Either this or `seats`' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_TICKETS)
  quantity?: number

  @ApiPropertyOptional({ type: [String], example: ['Stalls-A-7'], description: 'All or none are held' })
  @Optional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_SEATS_AT_ONCE)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  @ArrayUnique({ message: '$property must not contain duplicates' })
  seats?: string[]

  @ApiPropertyOptional({ enum: HOLD_SOURCES, default: 'DIRECT', description: 'SAFETY_STOCK: operators only' })
  @Optional()
  @IsIn(HOLD_SOURCES)
  source?: HoldSource

  @ApiPropertyOptional({ minimum: 1, maximum: MAX_TTL_SECONDS, description: 'Customers: at most the default' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(MAX_TTL_SECONDS)
  ttlSeconds?: number
}

export class NextActionDto {
  @ApiProperty({ enum: ['AUTHENTICATE'] }) type!: 'AUTHENTICATE'
  @ApiProperty({ description: "For the provider's library, which shows the authentication (3-D Secure)" })
  clientSecret!: string
}

export class HoldDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: HOLD_STATES }) state!: string
  @ApiProperty({ enum: HOLD_SOURCES }) source!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ description: 'Per ticket, as it was when they were held; 0: free' }) priceCents!: number
  @ApiProperty({ type: [String] }) seats!: string[]
  @ApiProperty() expiresAt!: string
  @ApiProperty() createdAt!: string
  @ApiProperty({ type: [IssuedTicketDto], required: false, description: 'Present once the hold is confirmed' })
  tickets?: IssuedTicketDto[]
  @ApiProperty({ required: false, description: 'After PAYMENT_FAILED: the hold bought by the late payment' })
  replacedBy?: string
  @ApiProperty({
    type: NextActionDto,
    required: false,
    description: 'While PAYMENT_PENDING: what the buyer has to do before the payment is processed',
  })
  nextAction?: NextActionDto
}

/** An overdue hold is reported as EXPIRED before its units are returned: it can no longer be confirmed. */
export function holdDto(hold: Hold, now: Date, tickets: IssuedTicket[] | null): HoldDto {
  const { id, eventId, state, source, quantity, priceCents, seats, expiresAt, createdAt } = hold
  return {
    id,
    eventId,
    state: isOverdue(hold, now) ? 'EXPIRED' : state,
    source,
    quantity,
    priceCents,
    seats,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    ...(tickets ? { tickets } : {}),
  }
}
