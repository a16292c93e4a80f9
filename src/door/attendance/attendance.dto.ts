import { ApiProperty } from '@nestjs/swagger'
import { CHANNELS } from '../../domain/channel.js'

export class ChannelAttendanceDto {
  @ApiProperty({ description: 'DIRECT: direct sales' }) channelId!: string
  @ApiProperty({ enum: CHANNELS }) platform!: string
  @ApiProperty({ type: String, nullable: true, description: 'What staff call it' }) label!: string | null
  @ApiProperty({ description: 'Tickets sold and not cancelled' }) sold!: number
  @ApiProperty({ description: 'Of these, checked in here or on the platform' }) attended!: number
}

export class DoorDto {
  @ApiProperty() capacity!: number
  @ApiProperty() sold!: number
  @ApiProperty({ description: 'Tickets that are in, those sold at the door included' }) checkedIn!: number
  @ApiProperty({ description: 'People who are in without a ticket' }) walkIns!: number
  @ApiProperty({ description: 'checkedIn + walkIns' }) inTheRoom!: number
  @ApiProperty({ type: [ChannelAttendanceDto] }) channels!: ChannelAttendanceDto[]
  @ApiProperty({ description: 'Of people who seem to hold seats on more than one channel; up to half a minute old' })
  seatsThatMayComeFree!: number
}

export class ShowHistoryDto {
  @ApiProperty({ description: 'Of the latest five; those without any check-in of this account do not count' })
  events!: number
  @ApiProperty() sold!: number
  @ApiProperty() attended!: number
  @ApiProperty({ description: 'attended / sold' }) share!: number
}

export class ChannelShowRateDto extends ChannelAttendanceDto {
  @ApiProperty({ type: Number, nullable: true, description: 'attended / sold; null: nothing is sold' })
  share!: number | null
  @ApiProperty({
    type: ShowHistoryDto,
    nullable: true,
    description: 'Of earlier, ended events on the same account (DIRECT: of direct sales); null: none is known',
  })
  history!: ShowHistoryDto | null
}

export class AttendanceDto {
  @ApiProperty() sold!: number
  @ApiProperty() attended!: number
  @ApiProperty({ type: Number, nullable: true, description: 'attended / sold; null: nothing is sold' })
  share!: number | null
  @ApiProperty({ type: [ChannelShowRateDto] }) channels!: ChannelShowRateDto[]
}
