import { ApiProperty } from '@nestjs/swagger'
import { ATTACHMENTS, type Attachment } from '../../channels/attachment.js'
import { CHANNELS } from '../../domain/channel.js'
import { EVENT_STATES } from '../../domain/events/event-state.js'

const MODES = ['OPEN', 'WAITLIST_ONLY', 'UNKNOWN']

export class SafetyStockDto {
  @ApiProperty() total!: number
  @ApiProperty() remaining!: number
  @ApiProperty({ description: 'Unallocated units freed from it: platforms get them by a release only' }) freed!: number
}

export class SoftCapDto {
  @ApiProperty() ratio!: number
  @ApiProperty() threshold!: number
  @ApiProperty() redAlarm!: boolean
}

/** A platform's row; the DIRECT row has `id`, `allocation`, `sold`, `held` and `mode` only. */
export class StockChannelDto {
  @ApiProperty({ description: 'Of the channel; DIRECT: direct sales' }) id!: string
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ required: false, description: 'The account that drives it' }) connectionId?: string
  @ApiProperty({ required: false }) externalEventId?: string
  @ApiProperty({ type: String, nullable: true, required: false, description: 'Null: the whole listing' })
  externalTicketClassId?: string | null
  @ApiProperty({ type: String, nullable: true, required: false, description: 'What staff call it' })
  label?: string | null
  @ApiProperty({ enum: ATTACHMENTS, required: false }) state?: Attachment
  @ApiProperty({ description: 'Units this channel may still sell' }) allocation!: number
  @ApiProperty({ type: Number, nullable: true, required: false }) desiredCap?: number | null
  @ApiProperty({ type: Number, nullable: true, required: false }) confirmedCap?: number | null
  @ApiProperty({ type: Number, nullable: true, required: false, description: 'Null: unbounded' })
  exposure?: number | null
  @ApiProperty() sold!: number
  @ApiProperty({ required: false }) held?: number
  @ApiProperty({ enum: MODES }) mode!: string
  @ApiProperty({ type: Number, nullable: true, required: false }) velocityPerHour?: number | null
  @ApiProperty({ type: String, nullable: true, required: false }) lastWebhookAt?: string | null
  @ApiProperty({ type: String, nullable: true, required: false }) lastConfirmedAt?: string | null
}

export class StockDto {
  @ApiProperty() eventId!: string
  @ApiProperty() capacity!: number
  @ApiProperty() sold!: number
  @ApiProperty() held!: number
  @ApiProperty({ description: 'capacity − sold − held' }) available!: number
  @ApiProperty() unallocated!: number
  @ApiProperty() inTransit!: number
  @ApiProperty({ enum: EVENT_STATES }) state!: string
  @ApiProperty() safetyStock!: SafetyStockDto
  @ApiProperty() softCap!: SoftCapDto
  @ApiProperty({ type: [StockChannelDto] }) channels!: StockChannelDto[]
  @ApiProperty() oversold!: number
  @ApiProperty() epoch!: number
  @ApiProperty() asOf!: string
}
