import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS } from '../domain/channel.js'
import { HOLD_SOURCES } from '../domain/hold.js'

export class RebalanceMoveDto {
  @ApiProperty() id!: string
  @ApiProperty({ description: 'A platform, DIRECT or UNALLOCATED' }) from!: string
  @ApiProperty({ description: 'A platform or DIRECT' }) to!: string
  @ApiProperty({ type: String, nullable: true, description: 'Null: free units' }) fromChannelId!: string | null
  @ApiProperty() toChannelId!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
  @ApiProperty() plannedAt!: string
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'When the receiving channel had a confirmed cap for the units; null: not yet, or superseded',
  })
  confirmedAt!: string | null
}

export class LiveHoldDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ['HELD', 'PAYMENT_PENDING'] }) state!: string
  @ApiProperty({ enum: HOLD_SOURCES }) source!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ type: [String] }) seats!: string[]
  @ApiProperty({ description: 'Name of the user who holds them' }) holder!: string
  @ApiProperty() createdAt!: string
  @ApiProperty() expiresAt!: string
}

/** Channel fields that the stock view omits. Null means unknown or none, never 0. */
export class ChannelDetailDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'What staff call it' }) label!: string | null
  @ApiProperty({ enum: ['OPEN', 'WAITLIST_ONLY', 'UNKNOWN'] }) desiredMode!: string
  @ApiProperty() desiredVersion!: number
  @ApiProperty() confirmedVersion!: number
  @ApiProperty({ type: Number, nullable: true, description: 'The largest cap in flight or unconfirmed' })
  unconfirmedCap!: number | null
  @ApiProperty({ type: String, nullable: true }) unconfirmedSince!: string | null
  @ApiProperty({ description: 'Tickets in open carts on the platform' }) pendingTickets!: number
  @ApiProperty({ type: String, nullable: true }) lastPullAt!: string | null
  @ApiProperty({ type: Boolean, nullable: true }) waitlistAvailable!: boolean | null
  @ApiProperty({ type: String, nullable: true }) syncError!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Paused manually since' }) pausedSince!: string | null
  @ApiProperty({ type: String, nullable: true }) importedAt!: string | null
}
