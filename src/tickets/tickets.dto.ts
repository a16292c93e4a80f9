import { ApiProperty } from '@nestjs/swagger'
import { IsEmail, IsString, Length, MaxLength } from 'class-validator'
import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import type { IssuedTicket } from './direct-order-store.js'
import type { AccountTicket } from './ticket-store.js'

/** Tickets of one direct order. */
export const MAX_TICKETS = 100_000

export class BuyerBody {
  @ApiProperty()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name!: string

  @ApiProperty({ example: 'jane@example.com' })
  @IsEmail()
  @MaxLength(254)
  email!: string
}

export class IssuedTicketDto implements IssuedTicket {
  @ApiProperty() id!: string
  @ApiProperty({ required: false }) seat?: string
  @ApiProperty({ description: 'Checked at the door' }) code!: string
}

export class BoughtTicketDto {
  @ApiProperty() id!: string
  @ApiProperty() orderId!: string
  @ApiProperty() eventId!: string
  @ApiProperty() eventName!: string
  @ApiProperty({ format: 'date-time' }) startsAt!: string
  @ApiProperty({ type: String, nullable: true }) seat!: string | null
  @ApiProperty({ enum: ['VALID', 'CANCELLED'] }) state!: string
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Checked at the door; null: another person has the ticket',
  })
  code!: string | null
  @ApiProperty({ format: 'date-time' }) createdAt!: string
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was given to another person',
  })
  transferredAt!: string | null
}

/** `isOwn`: the caller has the ticket, and may see its code. */
export function boughtTicketDto(ticket: AccountTicket, isOwn: boolean): BoughtTicketDto {
  const { id, orderId, eventId, eventName, seat, state, code, startsAt, createdAt, transferredAt } = ticket
  return {
    id,
    orderId,
    eventId,
    eventName,
    startsAt: startsAt.toISOString(),
    seat,
    state,
    code: isOwn ? code : null,
    createdAt: createdAt.toISOString(),
    transferredAt: transferredAt?.toISOString() ?? null,
  }
}
