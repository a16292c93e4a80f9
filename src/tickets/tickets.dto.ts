import { ApiProperty } from '@nestjs/swagger'
import { IsEmail, IsString, Length, MaxLength } from 'class-validator'
import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import type { IssuedTicket } from './direct-order-store.js'
import type { BoughtTicket } from './ticket-store.js'

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
  @ApiProperty({ type: String, nullable: true, description: 'Checked at the door' }) code!: string | null
  @ApiProperty({ format: 'date-time' }) createdAt!: string
}

export function boughtTicketDto({ startsAt, createdAt, ...ticket }: BoughtTicket): BoughtTicketDto {
  return { ...ticket, startsAt: startsAt.toISOString(), createdAt: createdAt.toISOString() }
}
