import { ApiProperty } from '@nestjs/swagger'
import { HOLD_SOURCES, HOLD_STATES } from '../domain/hold.js'
import type { Hold } from '../generated/prisma/client.js'
import type { IssuedTicket } from './direct-orders.js'

export class IssuedTicketDto implements IssuedTicket {
  @ApiProperty() id!: string
  @ApiProperty({ required: false }) seat?: string
  @ApiProperty({ description: 'What the door checks' }) code!: string
}

export class HoldDto {
  @ApiProperty() id!: string
  @ApiProperty() eventId!: string
  @ApiProperty({ enum: HOLD_STATES }) state!: string
  @ApiProperty({ enum: HOLD_SOURCES }) source!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ type: [String] }) seats!: string[]
  @ApiProperty() expiresAt!: string
  @ApiProperty() createdAt!: string
  @ApiProperty({ type: [IssuedTicketDto], required: false, description: 'Once it is confirmed' })
  tickets?: IssuedTicketDto[]
  @ApiProperty({ required: false, description: 'After PAYMENT_FAILED: the hold that a late payment bought' })
  replacedBy?: string
}

/** An overdue hold shows as expired even before its units are back: it cannot be confirmed any more. */
export function holdDto(hold: Hold, now: Date, tickets: IssuedTicket[] | null): HoldDto {
  const { id, eventId, state, source, quantity, seats, expiresAt, createdAt } = hold
  return {
    id,
    eventId,
    state: state === 'HELD' && expiresAt <= now ? 'EXPIRED' : state,
    source,
    quantity,
    seats,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    ...(tickets ? { tickets } : {}),
  }
}
