import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS } from '../domain/channel.js'
import { HOLD_SOURCES } from '../domain/hold.js'

export class RebalanceMoveDto {
  @ApiProperty() id!: string
  @ApiProperty() from!: string
  @ApiProperty() to!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
  @ApiProperty() plannedAt!: string
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'When the channel that gets the units had a confirmed cap for them; null: not yet, or overtaken',
  })
  confirmedAt!: string | null
}

export class LiveHoldDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ['HELD', 'PAYMENT_PENDING'] }) state!: string
  @ApiProperty({ enum: HOLD_SOURCES }) source!: string
  @ApiProperty() quantity!: number
  @ApiProperty({ type: [String] }) seats!: string[]
  @ApiProperty({ description: 'Name of the account that holds' }) holder!: string
  @ApiProperty() createdAt!: string
  @ApiProperty() expiresAt!: string
}

/** What the stock view leaves out of a channel. Null is "unknown" or "none", never 0. */
export class ChannelDetailDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ enum: ['OPEN', 'WAITLIST_ONLY', 'UNKNOWN'] }) desiredMode!: string
  @ApiProperty() desiredVersion!: number
  @ApiProperty() confirmedVersion!: number
  @ApiProperty({ type: Number, nullable: true, description: 'The largest cap in flight or of unknown outcome' })
  unconfirmedCap!: number | null
  @ApiProperty({ type: String, nullable: true }) unconfirmedSince!: string | null
  @ApiProperty({ description: 'Tickets in open carts there' }) pendingTickets!: number
  @ApiProperty({ type: String, nullable: true }) lastPullAt!: string | null
  @ApiProperty({ type: Boolean, nullable: true }) waitlistAvailable!: boolean | null
  @ApiProperty({ type: String, nullable: true }) syncError!: string | null
  @ApiProperty({ type: String, nullable: true, description: 'Closed by hand since' }) pausedSince!: string | null
  @ApiProperty({ type: String, nullable: true }) importedAt!: string | null
}

export class ChannelPauseDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ type: String, nullable: true }) pausedSince!: string | null
}

export class ModeTransitionDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: ['NORMAL', 'FAIL_SAFE'] }) mode!: string
  @ApiProperty() forced!: boolean
  @ApiProperty({ example: 'redis' }) cause!: string
  @ApiProperty({ type: String, nullable: true }) reason!: string | null
  @ApiProperty({ type: String, nullable: true }) actor!: string | null
  @ApiProperty() at!: string
}
